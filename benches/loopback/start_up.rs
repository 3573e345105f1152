//! From exec to the first INVITE, with default options. No pinning: the program runs alone.

use std::net::UdpSocket;
use std::process::Command;
use std::time::{Duration, Instant};

use super::pairs::process::quiet;
use super::pairs::program::{Program, RSIPP, SIPP};
use super::pairs::table::{Goal, Unit, median};
use super::{Bench, Table, programs};

/// design.md.
const MOST_MS: f64 = 10.0;

pub fn measure(bench: &mut Bench, table: &mut Table) {
    let starts = bench.pick(9, 1);
    let figure = |program: &Program| {
        median((0..starts).map(|_| exec_to_invite(program).as_secs_f64() * 1e3).collect())
    };
    let figures = programs(figure(&RSIPP), figure(&SIPP));
    table.add("exec to first INVITE, ms", figures, Unit::Number(1), Goal::AtMost(MOST_MS));
}

fn exec_to_invite(program: &Program) -> Duration {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut command = Command::new(program.path);
    command.arg(socket.local_addr().unwrap().to_string()).args(["-m", "1", "-nostdin"]);
    let started = Instant::now();
    let mut child = quiet(&mut command).spawn().unwrap();
    let arrived = socket.recv(&mut [0; 2_048]);
    let time = started.elapsed();
    let _ = child.kill();
    let _ = child.wait();
    assert!(arrived.is_ok(), "{} sent nothing for 10 s", program.name);
    time
}
