//! What the generator itself took of the machine: processor time, and datagrams that came faster than it read.
//! Spec: none of SIPp's (design.md, "Fast and honest"). Plain data; the worker reads it.

use crate::clock::Span;

/// Resources of one worker since it began, or of several together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// How many workers there are.
    pub workers: u32,
    /// Processor time of all of them.
    pub cpu: Span,
    /// Processor time of the busiest one.
    pub busiest: Span,
    /// How long it has been running.
    pub wall: Span,
    /// Datagrams that the system threw away because the receive buffer of a main UDP socket was full; None where it does not tell,
    /// or there is no such socket.
    pub drops: Option<u64>,
    /// The most calls a second that the workers open together; 0 where none is known.
    pub most_calls_a_second: u64,
}

impl Resources {
    /// Of one worker.
    pub fn of_worker(cpu: Span, wall: Span, drops: Option<u64>) -> Resources {
        Resources { workers: 1, cpu, busiest: cpu, wall, drops, most_calls_a_second: 0 }
    }

    /// How much of a processor the busiest worker took, 0 to 1. A worker has one thread and can take no more.
    pub fn cpu_share(&self) -> f64 {
        match self.wall.micros() {
            0 => 0.0,
            wall => (self.busiest.micros() as f64 / wall as f64).min(1.0),
        }
    }

    /// What was taken after `before`.
    pub fn since(&self, before: &Resources) -> Resources {
        let span = |now: Span, then: Span| Span::from_micros(now.micros().saturating_sub(then.micros()));
        Resources {
            workers: self.workers,
            cpu: span(self.cpu, before.cpu),
            busiest: span(self.busiest, before.busiest),
            wall: span(self.wall, before.wall),
            drops: self.drops.map(|drops| drops.saturating_sub(before.drops.unwrap_or(0))),
            most_calls_a_second: self.most_calls_a_second,
        }
    }

    /// Adds those of another worker of the same run.
    pub fn merge(&mut self, other: &Resources) {
        self.workers += other.workers;
        self.cpu = Span::from_micros(self.cpu.micros().saturating_add(other.cpu.micros()));
        self.busiest = self.busiest.max(other.busiest);
        self.wall = self.wall.max(other.wall);
        self.most_calls_a_second += other.most_calls_a_second;
        self.drops = match (self.drops, other.drops) {
            (Some(one), Some(more)) => Some(one + more),
            (known, None) | (None, known) => known,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_workers_the_busiest_decides_the_share() {
        let second = Span::from_millis(1_000);
        let mut both = Resources::of_worker(Span::from_millis(200), second, Some(1));
        both.merge(&Resources::of_worker(Span::from_millis(900), second, Some(2)));
        assert_eq!((both.cpu.millis(), both.cpu_share(), both.drops), (1_100, 0.9, Some(3)));
        assert_eq!(both.since(&both).cpu_share(), 0.0);
    }
}
