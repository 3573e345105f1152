//! What a call remembers of its messages: the last one received, which ones were accepted and what answered each, and the
//! bytes of sent messages that may go out again.
//! Spec: runtime.md §5 (resends are stored bytes), §8 (repeats), §11 (headers of automatic messages). Must not send.

use std::hash::BuildHasher;
use std::num::NonZeroU32;

use foldhash::quality::RandomState;
use memchr::memchr;

use super::settings::RepeatCheck;
use crate::scenario::plan::StepIx;
use crate::sip::header::body_start;
use crate::sip::{Message, Start};

/// Accepted messages a call remembers: far more than a dialog has in flight, and a bound for calls that loop for hours.
const MOST_REMEMBERED: usize = 32;

/// Buffers and lists that are used again: in steady state no message costs an allocation.
#[derive(Debug, Default)]
pub struct Pool {
    free: Vec<Vec<u8>>,
    lent: usize,
    accepted: Vec<Vec<Accepted>>,
    sent: Vec<Vec<Sent>>,
}

impl Pool {
    /// An empty buffer. To be filled where it is to stay: what moves it behind the copy waits until that has reached memory.
    fn take(&mut self) -> Vec<u8> {
        self.lent += 1;
        self.free.pop().unwrap_or_default()
    }

    /// How many buffers have not come back.
    pub fn lent(&self) -> usize {
        self.lent
    }

    /// Takes a buffer back.
    pub fn put(&mut self, mut buffer: Vec<u8>) {
        self.lent = self.lent.saturating_sub(1);
        buffer.clear();
        if buffer.capacity() > 0 && buffer.capacity() <= 4_096 {
            self.free.push(buffer);
        }
    }
}

/// Tells messages apart (`-rtcheck`).
#[derive(Clone, Debug, Default)]
pub struct Fingerprints {
    check: RepeatCheck,
    hasher: RandomState,
}

impl Fingerprints {
    /// By this much of a message.
    pub fn new(check: RepeatCheck) -> Fingerprints {
        Fingerprints { check, hasher: RandomState::default() }
    }

    /// The fingerprint of a message.
    pub fn of(&self, message: &Message<'_>) -> Fingerprint {
        match self.check {
            RepeatCheck::Full => self.of_all(message.text()),
            RepeatCheck::Loose => self.of_dialog(message),
        }
    }

    fn of_all(&self, text: &[u8]) -> Fingerprint {
        Fingerprint(self.hasher.hash_one(text))
    }

    /// A request by To, From, Call-ID and CSeq; a response by its first line and its body as well.
    fn of_dialog(&self, message: &Message<'_>) -> Fingerprint {
        let text = message.text();
        let headers = [&b"To"[..], b"From", b"CSeq"].map(|name| message.header(name));
        let response = matches!(message.start(), Start::Response(_)).then(|| {
            let line = memchr(b'\n', text).and_then(|end| text.get(..end));
            (line, body_start(text).and_then(|at| text.get(at..)))
        });
        Fingerprint(self.hasher.hash_one((headers, message.call_id(), response)))
    }
}

/// Stands for a message, or for the parts of it that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(u64);

/// Names a remembered sent message of a call. Never 0, so that perhaps-one is one word too: two would be read together after they were
/// written one by one, for which the processor waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentIx(NonZeroU32);

impl SentIx {
    const FIRST: SentIx = SentIx(NonZeroU32::MIN);

    fn next(self) -> SentIx {
        self.0.checked_add(1).map_or(SentIx::FIRST, SentIx)
    }
}

#[derive(Debug)]
struct Sent {
    ix: SentIx,
    step: StepIx,
    bytes: Vec<u8>,
}

#[derive(Debug)]
struct Accepted {
    fingerprint: Fingerprint,
    step: StepIx,
    /// The newest message sent after it and before the next accepted one.
    answer: Option<SentIx>,
    /// Whether more than one message was sent in that time.
    answered_often: bool,
}

/// What a message that came before means now (runtime.md §8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// The answer goes out again; `step` received the original.
    Answer {
        /// The answer.
        answer: SentIx,
        /// The step that accepted the original.
        step: StepIx,
    },
    /// Received and not answered yet: dropped.
    Drop {
        /// The step that accepted the original.
        step: StepIx,
    },
}

/// A message that waits for the next `<recv>`.
#[derive(Debug)]
pub enum Kept {
    /// It opened the call, which has steps to run before its first `<recv>` (runtime.md §2.1).
    Opening(Vec<u8>),
    /// Nothing expected it: the scenario's handler is to (runtime.md §7.6).
    Unexpected(Vec<u8>),
}

/// The messages a call remembers.
#[derive(Debug, Default)]
pub struct Memory {
    last: Option<Vec<u8>>,
    /// The newest response, when `last` is a request.
    response: Option<Vec<u8>>,
    accepted: Vec<Accepted>,
    sent: Vec<Sent>,
    newest_sent: Option<SentIx>,
    last_request: Option<SentIx>,
    kept: Option<Kept>,
}

/// Buffers grow in such steps: the messages of later calls are longer by a digit now and then.
const STEP: usize = 64;

/// Puts a message into a buffer. One that is too small grows to what is needed: by itself it would double, and a call that waits would
/// hold half a message of nothing.
fn fill(buffer: &mut Vec<u8>, message: &[u8]) {
    buffer.clear();
    if buffer.capacity() < message.len() {
        buffer.reserve_exact(message.len().next_multiple_of(STEP));
    }
    buffer.extend_from_slice(message);
}

impl Memory {
    /// The last received message.
    pub fn last(&self) -> Option<&[u8]> {
        self.last.as_deref()
    }

    /// The newest response received before [`Memory::last`], when that is a request.
    pub fn response_before(&self) -> Option<&[u8]> {
        self.response.as_deref()
    }

    /// The last request sent, if its bytes were kept.
    pub fn last_request(&self) -> Option<&[u8]> {
        self.last_request.and_then(|ix| self.sent(ix)).map(|(_, bytes)| bytes)
    }

    /// A remembered sent message and the step that sent it.
    pub fn sent(&self, ix: SentIx) -> Option<(StepIx, &[u8])> {
        self.sent.iter().find(|sent| sent.ix == ix).map(|sent| (sent.step, &sent.bytes[..]))
    }

    /// Keeps a message until the call is at a `<recv>`; the newest wins.
    pub fn keep_for_later(&mut self, message: Kept) {
        self.kept = Some(message);
    }

    /// The message kept for later.
    pub fn take_kept(&mut self) -> Option<Kept> {
        self.kept.take()
    }

    /// Whether a sent message would be the answer to something received.
    pub fn answers_something(&self) -> bool {
        !self.accepted.is_empty()
    }

    /// Makes `text` the last message. `is_request`: keep the response before it.
    pub fn set_last(&mut self, text: &[u8], is_request: bool, pool: &mut Pool) {
        if is_request && self.last.as_ref().is_some_and(|last| last.starts_with(b"SIP/2.0")) {
            std::mem::swap(&mut self.last, &mut self.response);
        }
        let last = self.last.get_or_insert_with(|| pool.take());
        fill(last, text);
    }

    /// Notes that a message was accepted by `step`. A call that goes on for long forgets the oldest ones.
    pub fn accept(&mut self, fingerprint: Fingerprint, step: StepIx, pool: &mut Pool) {
        take_list(&mut self.accepted, &mut pool.accepted);
        if self.accepted.len() >= MOST_REMEMBERED {
            self.accepted.remove(0);
        }
        self.accepted.push(Accepted { fingerprint, step, answer: None, answered_often: false });
    }

    /// Keeps a message that was just sent, as the answer to the last accepted one if there is one. `is_request`: remember it
    /// as the last request. `resending`: the message whose timer runs.
    pub fn keep_sent(
        &mut self,
        step: StepIx,
        bytes: &[u8],
        is_request: bool,
        resending: Option<SentIx>,
        pool: &mut Pool,
    ) -> SentIx {
        let ix = self.newest_sent.map_or(SentIx::FIRST, SentIx::next);
        self.newest_sent = Some(ix);
        take_list(&mut self.sent, &mut pool.sent);
        self.sent.push(Sent { ix, step, bytes: pool.take() });
        if let Some(sent) = self.sent.last_mut() {
            fill(&mut sent.bytes, bytes);
        }
        if let Some(accepted) = self.accepted.last_mut() {
            accepted.answered_often = accepted.answer.is_some();
            accepted.answer = Some(ix);
        }
        if is_request {
            self.last_request = Some(ix);
        }
        self.forget_unused(resending, pool);
        ix
    }

    fn forget_unused(&mut self, resending: Option<SentIx>, pool: &mut Pool) {
        let (accepted, newest, last_request) = (&self.accepted, self.newest_sent, self.last_request);
        self.sent.retain_mut(|sent| {
            let ix = Some(sent.ix);
            let used = ix == newest
                || ix == last_request
                || ix == resending
                || accepted.iter().any(|accepted| accepted.answer == ix);
            if !used {
                pool.put(std::mem::take(&mut sent.bytes));
            }
            used
        });
    }

    /// Before matching: a repeat of what was answered last, or of the last message, not answered yet (runtime.md §8, 1 and 2).
    pub fn recognise(&self, fingerprint: Fingerprint) -> Option<Repeat> {
        let (position, last) = self.accepted.iter().enumerate().next_back()?;
        if last.fingerprint == fingerprint {
            return match last.answer {
                None => Some(Repeat::Drop { step: last.step }),
                Some(answer) if !last.answered_often => Some(Repeat::Answer { answer, step: last.step }),
                Some(_) => None,
            };
        }
        if last.answer.is_some() {
            return None;
        }
        // Nothing was sent since: the answer before it is still the last one that linked cause and answer.
        let earlier =
            self.accepted.get(..position)?.iter().rev().find(|accepted| accepted.answer.is_some())?;
        let repeated = earlier.fingerprint == fingerprint && !earlier.answered_often;
        earlier.answer.filter(|_| repeated).map(|answer| Repeat::Answer { answer, step: earlier.step })
    }

    /// After matching found nothing: any message this call has accepted (runtime.md §8, Replacement).
    pub fn recognise_any(&self, fingerprint: Fingerprint) -> Option<Repeat> {
        let accepted = self.accepted.iter().rev().find(|accepted| accepted.fingerprint == fingerprint)?;
        Some(match accepted.answer {
            Some(answer) => Repeat::Answer { answer, step: accepted.step },
            None => Repeat::Drop { step: accepted.step },
        })
    }

    /// Gives all buffers back.
    pub fn release(mut self, pool: &mut Pool) {
        let received = self.last.into_iter().chain(self.response);
        received.chain(self.sent.drain(..).map(|sent| sent.bytes)).for_each(|buffer| pool.put(buffer));
        self.accepted.clear();
        give_list_back(self.accepted, &mut pool.accepted);
        give_list_back(self.sent, &mut pool.sent);
    }
}

/// A list that has no memory yet gets one that was used before.
fn take_list<T>(list: &mut Vec<T>, free: &mut Vec<Vec<T>>) {
    if list.capacity() == 0 {
        *list = free.pop().unwrap_or_default();
    }
}

fn give_list_back<T>(list: Vec<T>, free: &mut Vec<Vec<T>>) {
    if list.capacity() > 0 {
        free.push(list);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEND: StepIx = StepIx(9);

    struct Talk {
        memory: Memory,
        pool: Pool,
        prints: Fingerprints,
    }

    impl Talk {
        fn new() -> Talk {
            Talk { memory: Memory::default(), pool: Pool::default(), prints: Fingerprints::default() }
        }

        fn hears(&mut self, text: &str, step: u32) {
            let print = self.prints.of_all(text.as_bytes());
            self.memory.accept(print, StepIx(step), &mut self.pool);
        }

        fn says(&mut self, text: &str) {
            self.memory.keep_sent(SEND, text.as_bytes(), false, None, &mut self.pool);
        }

        fn answer(&self, repeat: Option<Repeat>) -> Option<&str> {
            match repeat {
                Some(Repeat::Answer { answer, .. }) => {
                    self.memory.sent(answer).map(|(_, b)| str::from_utf8(b).unwrap())
                }
                _ => None,
            }
        }

        fn early(&self, text: &str) -> Option<Repeat> {
            self.memory.recognise(self.prints.of_all(text.as_bytes()))
        }

        fn late(&self, text: &str) -> Option<Repeat> {
            self.memory.recognise_any(self.prints.of_all(text.as_bytes()))
        }
    }

    /// runtime.md §8 item 1: the peer repeats what we answered last.
    #[test]
    fn a_repeat_of_what_was_answered_last_is_answered_again_even_after_a_later_message_without_answer() {
        let mut talk = Talk::new();
        talk.hears("INVITE", 0);
        talk.says("200");
        assert_eq!(talk.answer(talk.early("INVITE")), Some("200"));
        talk.hears("ACK", 2);
        assert_eq!(talk.answer(talk.early("INVITE")), Some("200"));
        assert_eq!(talk.early("ACK"), Some(Repeat::Drop { step: StepIx(2) }));
    }

    /// runtime.md §8, Bug: only the first send after a reception is linked; the replacement answers after matching.
    #[test]
    fn an_invite_answered_twice_goes_to_matching_first_and_then_gets_the_newest_answer() {
        let mut talk = Talk::new();
        talk.hears("INVITE", 0);
        talk.says("180");
        talk.says("200");
        assert_eq!(talk.early("INVITE"), None);
        assert_eq!(talk.answer(talk.late("INVITE")), Some("200"));
    }

    #[test]
    fn a_message_never_accepted_is_no_repeat() {
        let mut talk = Talk::new();
        talk.hears("INVITE", 0);
        assert_eq!((talk.early("BYE"), talk.late("BYE")), (None, None));
    }

    #[test]
    fn sent_messages_that_nothing_can_ask_for_are_forgotten() {
        let mut talk = Talk::new();
        talk.hears("INVITE", 0);
        for i in 0..300 {
            talk.says(&format!("1xx {i}"));
        }
        assert_eq!(talk.memory.sent.len(), 1);
        assert_eq!(talk.answer(talk.late("INVITE")), Some("1xx 299"));
    }
}
