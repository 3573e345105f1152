//! keywords.md §6.1 and §6.2.

use super::{World, expand};

#[test]
fn addresses_and_ports() {
    assert_eq!(
        expand("[remote_host]|[remote_ip]|[local_ip]|[server_ip]"),
        "sut.example|127.0.0.1|127.0.0.1|0.0.0.0"
    );
    assert_eq!(expand("[local_ip_type]|[transport]|[remote_port]|[local_port]"), "4|UDP|23202|23200");
    assert_eq!(expand("[remote_port+3]|[local_port-2]|[media_port+1]"), "23205|23198|6001");
    assert_eq!(expand("[local_port-99999]"), "-76799");
}

/// The bug of a port on the first line is mended.
#[test]
fn media_ports_print_anywhere() {
    assert_eq!(expand("[media_ip] [media_ip_type] [media_port]"), "127.0.0.1 4 6000");
}

#[test]
fn auto_media_ports_step_by_four_within_ten_thousand() {
    let mut world = World::default();
    world.facts.media_port = 23754;
    let template = world.parse("[auto_media_port] [auto_media_port+1]").unwrap();
    for (call, ports) in [(1, "23754 23755"), (2, "23758 23759"), (3, "23762 23763"), (2501, "23754 23755")] {
        world.call_number = call;
        assert_eq!(world.render(&template), ports);
    }
    world.call_number = u64::MAX;
    assert_eq!(world.render(&template), "30210 30211");
}
