//! A test that runs: waits for its end, and meanwhile for reports, wishes and the clock.
//! Spec: cli.md §8; outputs.md §3, §17. In: a started test. Out: what ended it. Must not decide what comes of the end: `ending` does.

use std::future::pending;
use std::time::Duration;

use super::live::Live;
use super::reports::Reports;
use super::screens::{self, Screens};
use super::side::{Common, Running};
use super::steering::{Move, Steering};
use super::summary::{self, Moment};
use super::workers::News;
use crate::control::exec::Commands;
use crate::control::signals::Deadly;
use crate::engine::Command;
use crate::report::progress::{self, Progress};
use crate::report::recorder::{Recorder, Writer};
use crate::report::results::series;
use crate::worker::{Clock, Order, Purpose, Status};

/// How long the other side of the test may take to finish once the main side has: its peer is silent for good.
const PEER_GRACE: Duration = Duration::from_millis(500);

/// A test that runs.
pub struct Test<'a> {
    /// What all sides have in common.
    pub common: Common<'a>,
    /// The side that the command line is about.
    pub main: Running,
    /// The other one (`-peer_sn`).
    pub peer: Option<Running>,
    /// For warnings and rows.
    pub recorder: Recorder,
    /// The thread behind it.
    pub writer: Writer,
    /// The screens.
    pub screens: Screens,
    /// Signals, keys and the remote control.
    pub steering: Steering,
    /// Of the end, and metrics.
    pub reports: &'a mut Reports,
}

/// What ended the main side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// Its calls, or itself.
    Itself,
    /// SIGINT, SIGTERM.
    Signal,
    /// SIGHUP, SIGQUIT.
    Death(Deadly),
    /// `-timeout`
    Timeout,
}

impl Test<'_> {
    /// Waits for the end: of the main side, by a signal, by the clock. The other side follows.
    pub async fn watch(&mut self) -> EndedBy {
        let mut commands = Commands::default();
        let mut ended_by = EndedBy::Itself;
        let options = self.common.options;
        let timeout = timer(options.run.timeout_ms);
        tokio::pin!(timeout);
        let mut rows = Every::millis(options.statistics.row_period_ms);
        let mut periods = Every::millis(options.statistics.screen_period_ms);
        let no_display = self.steering.live.is_none();
        let mut progress = no_display.then(|| Progress::begin(options.load.calls)).flatten();
        let mut samples = Every::millis(if self.reports.wants_samples() { series::PERIOD_MS } else { 0 });
        let mut looks = Every::millis(if progress.is_some() { progress::PERIOD_MS } else { 0 });
        self.look();
        loop {
            tokio::select! {
                news = self.main.workers.next() => match news {
                    News::Run(text) => start(&mut commands, &text, &self.recorder, &self.common.clock),
                    News::Status(Purpose::Progress, status) => {
                        if let Some(progress) = progress.as_mut().filter(|_| !self.steering.is_typing()) {
                            progress.show(&status.figures.stats, status.figures.at);
                        }
                    }
                    News::Status(purpose, status) => self.show(purpose, &status),
                    News::Ended => break,
                },
                () = rows.passed(), if self.recorder.writes_rows() || options.statistics.periodic_repartitions => {
                    let clears_repartitions = options.statistics.periodic_repartitions;
                    self.tell(Order::Row { clears_repartitions });
                }
                // A line in between would tear the command that is being typed.
                () = looks.passed(), if !self.steering.is_typing() => self.tell(Order::Show(Purpose::Progress)),
                () = samples.passed() => self.tell(Order::Show(Purpose::Sample)),
                () = periods.passed() => self.tell(Order::Show(Purpose::NewPeriod)),
                wish = self.steering.next() => {
                    match self.steering.act(wish, &self.common, &self.recorder, &mut self.writer) {
                        Move::Done => {}
                        Move::Tell(order) => self.tell(order),
                        Move::TellAll(order) => {
                            self.tell(order);
                            if let Some(peer) = &self.peer {
                                peer.workers.tell(order);
                            }
                        }
                        Move::Dump => self.ask_for_dump(),
                        Move::StopNow => {
                            ended_by = EndedBy::Signal;
                            self.tell(Order::Stop);
                        }
                        Move::Die(signal) => {
                            ended_by = EndedBy::Death(signal);
                            self.tell(Order::Stop);
                        }
                    }
                    self.look();
                }
                () = &mut timeout, if ended_by == EndedBy::Itself => {
                    ended_by = EndedBy::Timeout;
                    let order = if self.common.options.run.timeout_is_error {
                        Order::Stop
                    } else {
                        Order::Engine(Command::TimeUp)
                    };
                    self.tell(order);
                }
            }
        }
        self.end_peer(&mut commands, ended_by).await;
        ended_by
    }

    fn tell(&self, order: Order) {
        self.main.workers.tell(order);
    }

    /// What the display shows may be out of date.
    fn look(&mut self) {
        if self.steering.live.as_mut().is_some_and(Live::wants_look) {
            self.tell(Order::Show(Purpose::Screen));
        }
    }

    /// SIGUSR2, key `s`: the screens as they are now, and the response times that wait (outputs.md §17).
    fn ask_for_dump(&mut self) {
        self.recorder.dump_response_times();
        self.screens.expect_dump();
        self.tell(Order::Show(Purpose::Dump));
    }

    /// What was asked for has come.
    fn show(&mut self, purpose: Purpose, status: &Status) {
        match purpose {
            Purpose::Row => self.recorder.row(|| status.figures.clone()),
            Purpose::NewPeriod => {
                self.draw(purpose, status);
                self.screens.begin_period(status);
            }
            Purpose::Sample => self.reports.sample(self.common.options, &self.main.scenarios, status),
            // Too late: the line is gone.
            Purpose::Progress => {}
            Purpose::Screen => {
                self.draw(purpose, status);
                if self.steering.live.as_mut().is_some_and(Live::has_looked) {
                    self.tell(Order::Show(Purpose::Screen));
                }
            }
            Purpose::Dump => self.draw(purpose, status),
        }
    }

    /// Shows the screens as they are now: on the display, or in the file of dumps.
    fn draw(&mut self, purpose: Purpose, status: &Status) {
        let live = self.steering.live.as_ref().filter(|_| purpose != Purpose::Dump);
        if live.is_none() && purpose != Purpose::Dump {
            return;
        }
        self.screens.heed_reset(status);
        let (side, view) = (summary::Side::of(&self.main), self.steering.view);
        let moment = Moment::new(&self.common, &side, status, view, self.main.workers.sockets());
        let Some(snapshot) = moment.of(view.display, self.screens.period(view.display)) else { return };
        if let Some(live) = live {
            live.display().show(screens::page(&snapshot, status, view, &self.recorder));
            return;
        }
        let dump = screens::dump(&snapshot, status.phase, &self.recorder);
        self.screens.write(&dump, status.figures.at, &self.recorder);
    }

    /// The other side ends too: its calls in time-wait at once, the rest after a short grace.
    async fn end_peer(&mut self, commands: &mut Commands, ended_by: EndedBy) {
        let Some(peer) = &mut self.peer else { return };
        let order = match ended_by {
            EndedBy::Signal | EndedBy::Death(_) => Order::Stop,
            EndedBy::Itself | EndedBy::Timeout => Order::Engine(Command::PeerDone),
        };
        peer.workers.tell(order);
        let grace = tokio::time::sleep(PEER_GRACE);
        tokio::pin!(grace);
        let mut in_grace = true;
        loop {
            tokio::select! {
                news = peer.workers.next() => match news {
                    News::Run(text) => start(commands, &text, &self.recorder, &self.common.clock),
                    News::Status(..) => {}
                    News::Ended => return,
                },
                () = &mut grace, if in_grace => {
                    in_grace = false;
                    peer.workers.tell(Order::Engine(Command::TimeUp));
                }
            }
        }
    }
}

/// A span that passes again and again, each counted from the end of the one before; never, if it is none.
struct Every(Option<tokio::time::Interval>);

impl Every {
    fn millis(millis: u64) -> Every {
        Every((millis > 0).then(|| {
            let span = Duration::from_millis(millis);
            let mut interval = tokio::time::interval_at(tokio::time::Instant::now() + span, span);
            interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            interval
        }))
    }

    async fn passed(&mut self) {
        match &mut self.0 {
            Some(interval) => {
                interval.tick().await;
            }
            None => pending().await,
        }
    }
}

async fn timer(millis: u64) {
    match millis {
        0 => pending().await,
        millis => tokio::time::sleep(Duration::from_millis(millis)).await,
    }
}

fn start(commands: &mut Commands, text: &[u8], recorder: &Recorder, clock: &Clock) {
    if let Err(error) = commands.start(text) {
        recorder.warning(clock.now(), format!("Unable to start a command: {error}").as_bytes());
    }
}
