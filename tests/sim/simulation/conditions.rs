//! Under which conditions a seed runs: settings of both sides, the link, stalls, commands, strangers.
//! In: dice and the cast. Out: plain data. *Kind* conditions let a smooth story succeed.

use rsipp::clock::{Span, Tick};
use rsipp::engine::Command;
use rsipp::engine::pacer::Rate;
use rsipp::engine::settings::{Behaviors, Limit, Load, Retransmission, Settings};

use super::cast::{self, Cast};
use super::dice::Dice;
use crate::link::Layer;

/// A time in which a side does nothing; all that was due or came in meanwhile is served at its end.
#[derive(Clone, Copy, Debug)]
pub struct Stall {
    pub from: Tick,
    pub until: Tick,
}

/// How a seed runs.
#[derive(Debug)]
pub struct Conditions {
    pub settings: [Settings; 2],
    pub link: Vec<Layer>,
    /// Share of datagrams that arrive damaged.
    pub damage: f64,
    /// Share of datagrams that the sender's socket refuses.
    pub refusals: f64,
    /// When somebody else says something, and to whom.
    pub strangers: Vec<(Tick, usize)>,
    pub stalls: [Vec<Stall>; 2],
    pub commands: Vec<(Tick, usize, Command)>,
    /// New calls per look at the clock.
    pub calls_per_pass: usize,
    /// Nothing here can make a call of a smooth story fail. Strangers then know nothing of the calls.
    pub are_kind: bool,
    /// Every wait for a message ends.
    pub are_bounded: bool,
}

impl Conditions {
    /// Those of a seed.
    pub fn of(seed: u64, cast: &Cast) -> Conditions {
        let dice = &mut Dice::of("conditions", seed);
        let are_kind = cast.traits.is_smooth && dice.chance(0.35);
        let mut settings = [0, 1].map(|side| settings(dice, cast, side, are_kind));
        if are_kind {
            // A repeat that one side sends and the other takes for something new is not kind.
            settings[1].retransmission = settings[0].retransmission;
        }
        let are_bounded = settings.iter().all(|settings| settings.recv_timeout.is_some());
        Conditions {
            settings,
            link: link(dice, are_kind),
            damage: if !are_kind && dice.one_in(4) { dice.pick(&[0.02, 0.1, 0.4]) } else { 0.0 },
            refusals: if !are_kind && dice.one_in(8) { dice.pick(&[0.05, 0.5]) } else { 0.0 },
            strangers: if dice.one_in(3) { strangers(dice) } else { Vec::new() },
            stalls: [0, 1].map(|_| if dice.one_in(5) { stalls(dice, are_kind) } else { Vec::new() }),
            commands: if !are_kind && dice.one_in(4) { commands(dice) } else { Vec::new() },
            calls_per_pass: dice.pick(&[1, 2, 64]),
            are_kind,
            are_bounded,
        }
    }
}

impl Conditions {
    /// The same with other timers, or none: where nothing is lost and nobody is slow, that changes nothing. But `-nr` stays as it
    /// is: it also says whether a story may say the same twice.
    pub fn with_other_timers(mut self) -> Conditions {
        let limits = Retransmission { t2: Span::from_millis(9_000), max_invite: 1, max_other: 2 };
        for settings in &mut self.settings {
            settings.recv_timeout = None;
            settings.retransmission = settings.retransmission.map(|_| limits);
            settings.dead_call_wait = Span::from_millis(7_000);
        }
        self
    }
}

fn settings(dice: &mut Dice, cast: &Cast, side: usize, are_kind: bool) -> Settings {
    let mut settings = Settings {
        behaviors: behaviors(dice),
        auto_answer: dice.one_in(3),
        dead_call_wait: Span::from_millis(dice.pick(&[33_000, 33_000, 0, 100, 2_000])),
        recv_timeout: dice.chance(0.9).then(|| Span::from_millis(dice.pick(&[500, 3_000, 20_000, 40_000]))),
        default_pause: Span::from_millis(dice.pick(&[0, 10, 1_500])),
        base_cseq: dice.pick(&[1, 1, 0, 7, u32::MAX]),
        call_id_format: dice.pick(&["%u-%p@%s", "%u-%p@%s", "%u", "%u.%r"]).to_owned(),
        traces_messages: dice.one_in(4),
        lost: if !are_kind && dice.one_in(10) { dice.pick(&[1.0, 20.0, 100.0]) } else { 0.0 },
        retransmission: retransmission(dice, are_kind),
        tells_failures: true,
        ..Settings::default()
    };
    if are_kind {
        // Longer than any wait of a smooth story, but often shorter than the story.
        settings.default_pause = Span::from_millis(dice.pick(&[0, 10, 600]));
        settings.recv_timeout = Some(Span::from_millis(dice.pick(&[2_000, 2_000, 60_000])));
    } else if dice.one_in(40) {
        settings.call_id_format = dice.pick(&["same", "x///%u"]).to_owned();
    }
    let other = cast::place(1 - side);
    if cast::is_client(&cast.plans[side]) {
        settings.destination = Some(other);
        settings.calls = Some(dice.pick(&[1, 2, 3, 5, 12]));
        settings.load = load(dice);
        settings.limit = if are_kind { Limit::Given(None) } else { limit(dice, settings.load) };
    } else {
        settings.destination = (!are_kind && dice.one_in(20)).then_some(other);
        settings.calls = (!are_kind && dice.one_in(8)).then(|| dice.within(0, 4));
    }
    settings
}

fn behaviors(dice: &mut Dice) -> Behaviors {
    match dice.within(0, 9) {
        0 => Behaviors::NONE,
        1..=2 => Behaviors {
            bye: dice.one_in(2),
            abort_unexpected: dice.one_in(2),
            ping_reply: dice.one_in(2),
            cseq: dice.one_in(2),
        },
        _ => Behaviors::ALL,
    }
}

fn retransmission(dice: &mut Dice, are_kind: bool) -> Option<Retransmission> {
    let usual = Retransmission::default();
    match dice.within(0, 9) {
        0 => None,
        1..=3 if !are_kind => Some(Retransmission {
            t2: Span::from_millis(dice.pick(&[1, 500, 4_000, 60_000])),
            max_invite: dice.pick(&[0, 1, 3, 5]),
            max_other: dice.pick(&[0, 1, 4, 9]),
        }),
        _ => Some(usual),
    }
}

fn load(dice: &mut Dice) -> Load {
    if dice.one_in(5) {
        return Load::Users(dice.within(1, 4) as u32);
    }
    let (calls, period) =
        dice.pick(&[(10.0, 1_000), (1.0, 1_000), (200.0, 1_000), (0.5, 2_000), (7.0, 2_000), (1e6, 1)]);
    Load::Rate(Rate::new(calls, Span::from_millis(period)))
}

/// A small one only at a low rate: a slot that the limit refuses costs an event.
fn limit(dice: &mut Dice, load: Load) -> Limit {
    match dice.within(0, 3) {
        0 => Limit::Given(None),
        1 if matches!(load, Load::Rate(rate) if rate.per_second() <= 10.0) => {
            Limit::Given(Some(dice.within(1, 2)))
        }
        _ => Limit::Default,
    }
}

fn link(dice: &mut Dice, are_kind: bool) -> Vec<Layer> {
    let delay = dice.pick(&[0.0, 0.3, 5.0, 20.0]);
    if are_kind {
        return vec![Layer::Delay(delay, delay)];
    }
    let mut layers = vec![Layer::Delay(delay, delay)];
    if dice.chance(0.6) {
        layers.push(Layer::Lose(dice.pick(&[0.02, 0.1, 0.2, 0.4])));
    }
    if dice.chance(0.4) {
        layers.push(Layer::Duplicate(dice.pick(&[0.05, 0.3])));
    }
    if dice.chance(0.5) {
        layers.push(Layer::Delay(0.0, dice.pick(&[10.0, 300.0, 4_000.0])));
    }
    if dice.chance(0.3) {
        layers.push(Layer::Reorder(dice.pick(&[0.05, 0.3]), dice.pick(&[15.0, 600.0, 5_000.0])));
    }
    layers
}

fn strangers(dice: &mut Dice) -> Vec<(Tick, usize)> {
    (0..dice.within(1, 12)).map(|_| (moment(dice), dice.below(2))).collect()
}

/// Kind ones end before anybody sends again.
fn stalls(dice: &mut Dice, are_kind: bool) -> Vec<Stall> {
    let stall = |dice: &mut Dice| {
        let from = moment(dice);
        let most = if are_kind { [1, 5, 20, 60] } else { [20, 400, 3_000, 9_000] };
        Stall { from, until: from + Span::from_millis(dice.pick(&most)) }
    };
    let most = if are_kind { 1 } else { 3 };
    (0..dice.within(1, most)).map(|_| stall(dice)).collect()
}

fn commands(dice: &mut Dice) -> Vec<(Tick, usize, Command)> {
    let command = |dice: &mut Dice| {
        dice.pick(&[Command::Quit, Command::Quit, Command::QuitNow, Command::TimeUp, Command::PeerDone])
    };
    (0..dice.within(1, 3)).map(|_| (moment(dice), dice.below(2), command(dice))).collect()
}

/// Some moment in which calls are likely to be in progress: more often early.
fn moment(dice: &mut Dice) -> Tick {
    let share = dice.share();
    Tick::from_micros((share * share * 8e6) as u64)
}
