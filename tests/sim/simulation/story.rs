//! The scenario generator: a random talk between a client and a server, told once from each side.
//! Spec: scenario.md §4-§9. In: dice. Out: two scenario files that the loader must accept. A *smooth* story is one that must
//! succeed over a link that loses and reorders nothing; the others do all that the language allows.

use super::dice::Dice;
use super::script::{Script, Told, Who};

/// Two scenarios that talk to each other, or past each other.
#[derive(Debug)]
pub struct Story {
    pub client: String,
    pub server: String,
    pub traits: Traits,
}

/// What may come of a story.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traits {
    /// Every call must succeed when the link and the settings are kind.
    pub is_smooth: bool,
    /// An action may stop the run or keep new calls from being opened.
    pub may_stop: bool,
    /// A call may take longer than any run.
    pub may_dawdle: bool,
}

/// One thing that happens in a talk.
#[derive(Clone, Debug)]
pub enum Exchange {
    /// INVITE, provisional responses, the final one, ACK.
    Invite {
        ringing: Vec<u16>,
        code: u16,
    },
    /// An INVITE that is canceled while it rings.
    Canceled,
    /// A request and its responses, so many times.
    Request {
        by: Who,
        method: &'static str,
        trying: bool,
        code: u16,
        times: u64,
    },
    /// A request that nobody answers; the other side takes it wherever it is.
    Aside {
        by: Who,
    },
    Bye {
        by: Who,
    },
}

/// An exchange, and the method of a request that the client may put before it or not.
#[derive(Clone, Debug)]
pub struct Act {
    pub perhaps: Option<&'static str>,
    pub exchange: Exchange,
}

impl Exchange {
    /// Who says the first word.
    pub fn begun_by(&self) -> Who {
        match self {
            Exchange::Invite { .. } | Exchange::Canceled => Who::Client,
            Exchange::Request { by, .. } | Exchange::Aside { by } | Exchange::Bye { by } => *by,
        }
    }
}

/// Both sides tell the same story.
pub fn matching(dice: &mut Dice) -> Story {
    let is_smooth = dice.chance(0.4);
    let acts = acts(dice, is_smooth);
    let client = Script::tell(dice, Who::Client, &acts, is_smooth);
    let server = Script::tell(dice, Who::Server, &acts, is_smooth);
    story(client, server, is_smooth)
}

/// The server tells the story with something left out, twice or different, or another one altogether.
pub fn mismatching(dice: &mut Dice) -> Story {
    let told = acts(dice, false);
    let mut heard = if dice.one_in(5) { acts(dice, false) } else { told.clone() };
    for _ in 0..dice.within(1, 2) {
        let at = dice.below(heard.len());
        match dice.within(0, 3) {
            0 if heard.len() > 1 => drop(heard.remove(at)),
            1 => heard.insert(at, heard[at].clone()),
            2 => {
                let other = dice.below(heard.len());
                heard.swap(at, other);
            }
            _ => heard[at] = Act { perhaps: None, exchange: exchange(dice, false, true) },
        }
    }
    let client = Script::tell(dice, Who::Client, &told, false);
    let server = Script::tell(dice, Who::Server, &heard, false);
    story(client, server, false)
}

fn story(client: Told, server: Told, is_smooth: bool) -> Story {
    let may_stop = client.may_stop || server.may_stop;
    let may_dawdle = client.may_dawdle || server.may_dawdle;
    Story { client: client.xml, server: server.xml, traits: Traits { is_smooth, may_stop, may_dawdle } }
}

/// What is talked about; the client begins.
fn acts(dice: &mut Dice, is_smooth: bool) -> Vec<Act> {
    let mut acts = Vec::new();
    let mut in_dialog = false;
    for _ in 0..dice.within(1, 4) {
        let exchange = exchange(dice, is_smooth, !acts.is_empty());
        in_dialog |= matches!(exchange, Exchange::Invite { code: 200, .. });
        acts.push(Act { perhaps: perhaps(dice, &exchange), exchange });
    }
    if in_dialog || dice.one_in(8) {
        let by = if dice.one_in(4) { Who::Server } else { Who::Client };
        let exchange = Exchange::Bye { by };
        acts.push(Act { perhaps: perhaps(dice, &exchange), exchange });
    }
    if matches!(acts.last(), Some(Act { exchange: Exchange::Aside { .. }, .. })) {
        let exchange =
            Exchange::Request { by: Who::Client, method: "INFO", trying: false, code: 200, times: 1 };
        acts.push(Act { perhaps: None, exchange });
    }
    acts
}

/// The server waits for either, so the exchange itself must begin with a request of the client of another method.
fn perhaps(dice: &mut Dice, exchange: &Exchange) -> Option<&'static str> {
    let waits = match exchange {
        Exchange::Aside { .. } => false,
        // A loop begins with a nop, which may not stand behind an optional <recv>.
        Exchange::Request { by, times, .. } => *by == Who::Client && *times == 1,
        other => other.begun_by() == Who::Client,
    };
    (waits && dice.one_in(6)).then_some("SUBSCRIBE")
}

fn exchange(dice: &mut Dice, is_smooth: bool, server_may_begin: bool) -> Exchange {
    let by = if server_may_begin && dice.one_in(4) { Who::Server } else { Who::Client };
    match dice.within(0, 11) {
        0..=4 => Exchange::Invite {
            ringing: (0..dice.within(0, 3)).map(|_| dice.pick(&[100, 180, 180, 183])).collect(),
            code: dice.pick(&[200, 200, 200, 486, 503, 404]),
        },
        5 => Exchange::Canceled,
        // The server's requests raise the client's [cseq]: one that crosses an INVITE makes the ACK's number wrong.
        6 if server_may_begin && (by == Who::Client || !is_smooth) => Exchange::Aside { by },
        7 if !is_smooth && dice.one_in(3) => Exchange::Bye { by },
        _ => Exchange::Request {
            by,
            method: dice
                .pick(&["INFO", "MESSAGE", "OPTIONS", "REGISTER", "UPDATE", "NOTIFY", "PING", "PRACK"]),
            trying: dice.one_in(4),
            code: dice.pick(&[200, 200, 200, 202, 404, 500]),
            times: if dice.one_in(6) { dice.within(2, 4) } else { 1 },
        },
    }
}
