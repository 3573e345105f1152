//! Mistakes as a newcomer makes them, and what the program says (style.md §4.8). The snapshots are there to be read: the way
//! out of each must be plain without the manual.

use super::*;

/// Compares what is said about a file with its snapshot.
macro_rules! assert_shown {
    ($source:literal) => {
        let diagnostics = match load_file($source.as_bytes(), &mut Scopes::default()) {
            Ok(loaded) => loaded.warnings,
            Err(failure) => failure.diagnostics,
        };
        let shown = diagnostics.iter().map(|one| one.render($source.as_bytes(), "mine.xml", false));
        insta::assert_snapshot!(shown.collect::<Vec<_>>().join("\n\n"));
    };
}

#[test]
fn a_misspelt_transaction() {
    assert_shown!(
        r#"<scenario name="mine">
  <send start_txn="register"><![CDATA[
    REGISTER sip:[remote_ip] SIP/2.0
  ]]></send>
  <recv response="200" response_txn="regster"/>
</scenario>
"#
    );
}

#[test]
fn an_invite_transaction_without_its_ack() {
    assert_shown!(
        r#"<scenario name="mine">
  <send start_txn="call"><![CDATA[
    INVITE sip:[service]@[remote_ip] SIP/2.0
  ]]></send>
  <recv response="200" response_txn="call"/>
  <send><![CDATA[
    ACK sip:[service]@[remote_ip] SIP/2.0
  ]]></send>
</scenario>
"#
    );
}

#[test]
fn a_regular_expression_that_is_none() {
    assert_shown!(
        r#"<scenario name="mine">
  <recv request="(INFO|UPDATE" regexp_match="true"/>
  <recv response="4.." />
</scenario>
"#
    );
}

#[test]
fn a_mandatory_recv_that_does_not_advance() {
    assert_shown!(
        r#"<scenario name="mine">
  <recv request="INVITE" advance_state="false"/>
</scenario>
"#
    );
}

#[test]
fn a_misspelt_parameter_of_a_distribution() {
    assert_shown!(
        r#"<scenario name="mine">
  <recv request="INVITE"/>
  <pause distribution="normal" mean="60000" stddev="15000"/>
  <pause distribution="gaussian" mean="60000" stdev="15000"/>
</scenario>
"#
    );
}

#[test]
fn a_pause_in_microseconds() {
    assert_shown!(
        r#"<scenario name="mine">
  <recv request="INVITE"/>
  <pause milliseconds="3600000000"/>
</scenario>
"#
    );
}

#[test]
fn an_action_straight_in_init() {
    assert_shown!(
        r#"<scenario name="mine">
  <Global variables="limit"/>
  <init>
    <action><assign assign_to="limit" value="5"/></action>
    <pause milliseconds="100"/>
  </init>
  <recv request="INVITE" condexec="limit"/>
</scenario>
"#
    );
}

#[test]
fn a_default_message_of_another_name() {
    assert_shown!(
        r#"<scenario name="mine">
  <recv request="INVITE"/>
  <DefaultMessage id="BYE"><![CDATA[
    BYE [next_url] SIP/2.0
  ]]></DefaultMessage>
</scenario>
"#
    );
}

#[test]
fn actions_with_too_few_names() {
    assert_shown!(
        r#"<scenario name="mine">
  <recv request="INVITE">
    <action>
      <gettimeofday assign_to="now"/>
      <setdest host="127.0.0.1" port="5060"/>
      <trim variable="now"/>
      <sample assign_to="length" normal="true" mean="10" stdev="1"/>
    </action>
  </recv>
</scenario>
"#
    );
}

#[test]
fn a_keyword_of_another_test_suite() {
    assert_shown!(
        r#"<scenario name="mine">
  <send><![CDATA[
    REGISTER sip:[domain] SIP/2.0
    Contact: <sip:[local_ipp]>
  ]]></send>
</scenario>
"#
    );
}

#[test]
fn a_dollar_where_a_name_belongs() {
    assert_shown!(
        r#"<scenario name="mine">
  <recv request="INVITE">
    <action>
      <ereg regexp="sip:([^@]*)" search_in="hdr" header="From:" assign_to="$whole,$user"/>
    </action>
  </recv>
  <nop test="$user"/>
</scenario>
"#
    );
}

#[test]
fn a_capital_letter_in_optional() {
    assert_shown!(
        r#"<scenario name="mine">
  <recv response="100" optional="True"/>
  <recv response="200" timeout="5s" ontimeout="giveup"/>
  <label id="give_up"/>
</scenario>
"#
    );
}

#[test]
fn a_message_without_cdata() {
    assert_shown!(
        r#"<scenario name="mine">
  <send retrans="500">
    OPTIONS sip:[service]@[remote_ip] SIP/2.0
  </send>
  <recv response="200"/>
</scenario>
"#
    );
}
