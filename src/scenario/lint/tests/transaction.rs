//! `cancel-branch`, `branch-reuse`.

use super::*;

const ANSWERED: &str = "<recv response=\"180\" optional=\"true\"/>\n<recv response=\"486\"/>\n";

fn invite() -> String {
    request("INVITE", &via("[branch]"))
}

/// keywords.md §7.4.
#[test]
fn a_cancel_with_a_branch_of_its_own_shows_the_invites_branch() {
    let body = invite() + "<recv response=\"180\"/>\n" + &request("CANCEL", &via("[branch]"));
    insta::assert_snapshot!(rendered(&body), @r#"
    warning[cancel-branch]: this CANCEL has another branch than the INVITE
      --> t.xml:10:27
       |
     4 | Via: SIP/2.0/UDP a;branch=[branch]
       |                           -------- the INVITE's branch
    ...
    10 | Via: SIP/2.0/UDP a;branch=[branch]
       |                           ^^^^^^^^ makes a transaction of its own
       |
       = help: write [branch-2]: the INVITE is so many steps above
    "#);
}

#[test]
fn the_ack_of_a_failure_needs_the_invites_branch() {
    let body = invite() + ANSWERED + &request("ACK", &via("[branch-2]"));
    insta::assert_snapshot!(rendered(&body), @r#"
    warning[cancel-branch]: this ACK of a failure has another branch than the INVITE
      --> t.xml:11:27
       |
     4 | Via: SIP/2.0/UDP a;branch=[branch]
       |                           -------- the INVITE's branch
    ...
    11 | Via: SIP/2.0/UDP a;branch=[branch-2]
       |                           ^^^^^^^^^^ makes a transaction of its own
       |
       = help: write [branch-3]: the INVITE is so many steps above
    "#);
}

#[test]
fn a_cancel_or_ack_that_goes_back_to_the_invite_is_right() {
    assert_eq!(names(&(invite() + ANSWERED + &request("ACK", &via("[branch-3]")))), [""; 0]);
    let cancel = request("CANCEL", &via("[branch-2]"));
    assert_eq!(names(&(invite() + "<recv response=\"180\"/>\n" + &cancel)), [""; 0]);
}

#[test]
fn the_ack_of_a_200_is_a_transaction_of_its_own() {
    assert_eq!(
        names(&(invite() + "<recv response=\"200\"/>\n" + &request("ACK", &via("[branch]")))),
        [""; 0]
    );
}

#[test]
fn an_ack_that_both_a_200_and_a_failure_lead_to_is_passed_over() {
    let answers = "<recv response=\"486\" optional=\"true\" next=\"ack\"/>\n<recv response=\"200\"/>\n<label id=\"ack\"/>\n";
    assert_eq!(names(&(invite() + answers + &request("ACK", &via("[branch]")))), [""; 0]);
}

#[test]
fn a_branch_that_may_be_any_text_is_passed_over() {
    let body = invite() + ANSWERED + &request("ACK", "[last_Via:]");
    assert_eq!(names(&body), [""; 0]);
    let body = request("INVITE", &via("z9hG4bK[$b]")) + ANSWERED + &request("ACK", &via("[$b]"));
    assert_eq!(names(&body), ["never-set"]);
}

#[test]
fn the_same_literal_branch_in_invite_and_ack_is_right() {
    let branch = via("z9hG4bK-[call_number]-x");
    assert_eq!(names(&(request("INVITE", &branch) + ANSWERED + &request("ACK", &branch))), [""; 0]);
}

/// RFC 3261 §17.2.3.
#[test]
fn a_request_in_a_loop_has_the_same_branch_each_time() {
    let body = "<label id=\"again\"/>\n".to_owned()
        + &request("MESSAGE", &via("[branch]"))
        + "<recv response=\"200\" next=\"again\" chance=\"0.9\"/>\n";
    insta::assert_snapshot!(rendered(&body), @r#"
    warning[branch-reuse]: this request is sent in a loop, each time with the same branch
     --> t.xml:5:27
      |
    5 | Via: SIP/2.0/UDP a;branch=[branch]
      |                           ^^^^^^^^ the same each time round
      |
      = help: add something that changes, as in branch=[branch]-[cseq]
    "#);
    assert_eq!(names(&body.replace("[branch]", "[branch]-[cseq]")), [""; 0]);
    assert_eq!(names(&body.replace("next=\"again\" chance=\"0.9\"", "")), ["unused-label"]);
}

#[test]
fn two_requests_with_one_branch_show_both() {
    let two = |first: &str, second: &str| {
        request("OPTIONS", &via(first)) + "<recv response=\"200\"/>\n" + &request("MESSAGE", &via(second))
    };
    insta::assert_snapshot!(rendered(&two("z9hG4bK-[call_number]", "z9hG4bK-[call_number]")), @r#"
    warning[branch-reuse]: two requests of the call have the same branch
      --> t.xml:10:27
       |
     4 | Via: SIP/2.0/UDP a;branch=z9hG4bK-[call_number]
       |                           --------------------- first here
    ...
    10 | Via: SIP/2.0/UDP a;branch=z9hG4bK-[call_number]
       |                           ^^^^^^^^^^^^^^^^^^^^^ the same branch again
       |
       = help: write [branch]: it is different for each call and each send
    "#);
    assert_eq!(names(&two("[branch]", "[branch-2]")), ["branch-reuse"]);
    assert_eq!(names(&two("[branch]", "[branch]")), [""; 0]);
}

#[test]
fn requests_of_which_a_call_sends_only_one_may_have_the_same_branch() {
    let body = "<nop next=\"b\" chance=\"0.5\"/>\n".to_owned()
        + &send("next=\"end\"", &format!("OPTIONS sip:a SIP/2.0\n{}", via("same")))
        + "<label id=\"b\"/>\n"
        + &request("OPTIONS", &via("same"))
        + "<label id=\"end\"/>\n<recv response=\"200\"/>";
    assert_eq!(names(&body), [""; 0]);
}
