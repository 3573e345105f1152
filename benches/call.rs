//! Engine CPU alone: no sockets, no clock, no copies besides those an engine makes. Budget (design.md): a whole `uac` call on one
//! side at most 2 us.
//!
//! `uac_call` is a call of the embedded `uac` against the embedded `uas`, both engines; `uac_alone` is the same call against
//! answers rendered beforehand, so that one side's CPU is known: the headline. Calls begin a virtual millisecond apart, so timers,
//! time-waits and dead calls expire as they do at 1,000 calls per second.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a bench that cannot start must say so"
)]

use std::cell::RefCell;
use std::hint::black_box;
use std::net::SocketAddr;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

use rsipp::clock::{Span, Tick};
use rsipp::engine::pacer::Rate;
use rsipp::engine::settings::{Limit, Load, Settings};
use rsipp::engine::{Effects, Engine};
use rsipp::inject::Files;
use rsipp::message::Facts;
use rsipp::scenario::plan::Role;
use rsipp::scenario::{self, LoadContext, Scopes, builtin};

const WARM_UP_CALLS: u64 = 1_000;

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// An engine that runs an embedded scenario; a client opens a call every millisecond.
fn engine(name: &str, port: u16, remote: u16) -> Engine {
    let text = builtin::text(name).expect("an embedded scenario");
    let context = LoadContext { keys: &[], files: &Files::default(), credentials: Default::default() };
    let mut plan =
        scenario::load(text.as_bytes(), name, &context, &mut Scopes::default()).expect("it loads").plan;
    let ip = "127.0.0.1".to_owned();
    let facts = Facts {
        remote_host: ip.clone(),
        remote_ip: ip.clone(),
        remote_port: remote,
        local_ip: ip.clone(),
        local_ip_type: 4,
        local_port: Some(port),
        server_ip: ip.clone(),
        transport: Some("UDP"),
        media_ip: ip,
        media_ip_type: 4,
        media_port: 6000,
        service: "service".to_owned(),
        pid: 4711,
        rfc3339: false,
        version: "bench".to_owned(),
    };
    plan.bind(&facts);
    let settings = Settings {
        pid: 4711,
        destination: (plan.role == Role::Client).then(|| address(remote)),
        load: Load::Rate(Rate::new(1_000.0, Span::from_millis(1_000))),
        limit: Limit::Given(None),
        ..Settings::default()
    };
    Engine::new(Arc::new(plan), settings, Files::default(), 1, Tick::ZERO)
}

/// Both engines and the virtual clock.
struct Both {
    client: Engine,
    server: Engine,
    from_client: Effects,
    from_server: Effects,
    now: Tick,
}

impl Both {
    fn warm() -> Both {
        let mut both = Both {
            client: engine("uac", 5061, 5060),
            server: engine("uas", 5060, 5061),
            from_client: Effects::default(),
            from_server: Effects::default(),
            now: Tick::ZERO,
        };
        (0..WARM_UP_CALLS).for_each(|_| both.one_call());
        assert_eq!((both.client.stats().successful, both.client.stats().failed), (WARM_UP_CALLS, 0));
        both
    }

    /// The call that is due now, from INVITE to the 200 of its BYE.
    fn one_call(&mut self) {
        self.server.on_time(self.now, 1, &mut self.from_server);
        self.client.on_time(self.now, 1, &mut self.from_client);
        while !self.from_client.sends.is_empty() {
            self.from_server.clear();
            deliver(&self.from_client, &mut self.server, address(5061), self.now, &mut self.from_server);
            self.from_client.clear();
            deliver(&self.from_server, &mut self.client, address(5060), self.now, &mut self.from_client);
        }
        self.now = self.now + Span::from_millis(1);
    }
}

fn deliver(sent: &Effects, to: &mut Engine, from: SocketAddr, now: Tick, out: &mut Effects) {
    for send in &sent.sends {
        to.on_datagram(now, from, sent.datagram(send), out);
    }
}

/// A client, and the three answers of each call rendered beforehand.
struct Alone {
    client: Engine,
    out: Effects,
    now: Tick,
    prepared: u64,
}

/// 180, 200 and the 200 of the BYE.
type Answers = [Vec<u8>; 3];

impl Alone {
    fn warm() -> Alone {
        let mut alone = Alone {
            client: engine("uac", 5061, 5060),
            out: Effects::default(),
            now: Tick::ZERO,
            prepared: 0,
        };
        for _ in 0..WARM_UP_CALLS {
            let answers = alone.next_answers();
            alone.one_call(&answers);
        }
        assert_eq!((alone.client.stats().successful, alone.client.stats().failed), (WARM_UP_CALLS, 0));
        alone
    }

    /// What the embedded `uas` would say in the next call.
    fn next_answers(&mut self) -> Answers {
        self.prepared += 1;
        let number = self.prepared;
        let answer = |first_line: &str, index: u32, cseq: &str, body: &str| {
            format!(
                "SIP/2.0 {first_line}\r\n\
                 Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-4711-{number}-{index}\r\n\
                 From: sipp <sip:sipp@127.0.0.1:5061>;tag=4711SIPpTag00{number}\r\n\
                 To: service <sip:service@127.0.0.1:5060>;tag=4711SIPpTag01{number}\r\n\
                 Call-ID: {number}-4711@127.0.0.1\r\n\
                 CSeq: {cseq}\r\n\
                 Contact: <sip:127.0.0.1:5060;transport=UDP>\r\n{body}"
            )
            .into_bytes()
        };
        let sdp = "Content-Type: application/sdp\r\nContent-Length: 129\r\n\r\n\
            v=0\r\no=user1 53655765 2353687637 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
            m=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";
        let none = "Content-Length: 0\r\n\r\n";
        [
            answer("180 Ringing", 0, "1 INVITE", none),
            answer("200 OK", 0, "1 INVITE", sdp),
            answer("200 OK", 7, "2 BYE", none),
        ]
    }

    fn one_call(&mut self, answers: &Answers) {
        self.client.on_time(self.now, 1, &mut self.out);
        for answer in answers {
            self.client.on_datagram(self.now, address(5060), answer, &mut self.out);
        }
        black_box(&self.out.bytes);
        self.out.clear();
        self.now = self.now + Span::from_millis(1);
    }
}

fn uac_call(c: &mut Criterion) {
    let mut both = None; // warmed up only when this bench is asked for, so that a profile of the other shows nothing of it
    let mut group = c.benchmark_group("engine");
    group.throughput(Throughput::Elements(1));
    group.bench_function("uac_call", |b| {
        let both = both.get_or_insert_with(Both::warm);
        b.iter(|| both.one_call());
    });
    group.finish();
    if let Some(both) = both {
        assert_eq!((both.client.stats().failed, both.server.stats().failed), (0, 0));
    }
}

fn uac_alone(c: &mut Criterion) {
    let mut alone = None;
    let mut group = c.benchmark_group("engine");
    group.throughput(Throughput::Elements(1));
    group.bench_function("uac_alone", |b| {
        let alone = RefCell::new(alone.get_or_insert_with(Alone::warm));
        let prepare = || alone.borrow_mut().next_answers();
        b.iter_batched_ref(prepare, |answers| alone.borrow_mut().one_call(answers), BatchSize::SmallInput);
    });
    group.finish();
    if let Some(alone) = alone {
        let stats = alone.client.stats();
        assert_eq!((stats.failed, stats.successful), (0, stats.outgoing));
    }
}

criterion_group!(benches, uac_call, uac_alone);
criterion_main!(benches);
