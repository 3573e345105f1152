//! 3GPP TS 35.208: test sets 1 to 6 and 19.

use super::super::milenage::{Answers, Milenage};
use super::hex;

struct Set {
    k: &'static str,
    rand: &'static str,
    sqn: &'static str,
    amf: &'static str,
    op: &'static str,
    opc: &'static str,
    /// f1, f2, f5
    short: [&'static str; 3],
    /// f3, f4
    keys: [&'static str; 2],
}

const SETS: [Set; 7] = [
    Set {
        k: "465b5ce8b199b49faa5f0a2ee238a6bc",
        rand: "23553cbe9637a89d218ae64dae47bf35",
        sqn: "ff9bb4d0b607",
        amf: "b9b9",
        op: "cdc202d5123e20f62b6d676ac72cb318",
        opc: "cd63cb71954a9f4e48a5994e37a02baf",
        short: ["4a9ffac354dfafb3", "a54211d5e3ba50bf", "aa689c648370"],
        keys: ["b40ba9a3c58b2a05bbf0d987b21bf8cb", "f769bcd751044604127672711c6d3441"],
    },
    Set {
        k: "0396eb317b6d1c36f19c1c84cd6ffd16",
        rand: "c00d603103dcee52c4478119494202e8",
        sqn: "fd8eef40df7d",
        amf: "af17",
        op: "ff53bade17df5d4e793073ce9d7579fa",
        opc: "53c15671c60a4b731c55b4a441c0bde2",
        short: ["5df5b31807e258b0", "d3a628ed988620f0", "c47783995f72"],
        keys: ["58c433ff7a7082acd424220f2b67c556", "21a8c1f929702adb3e738488b9f5c5da"],
    },
    Set {
        k: "fec86ba6eb707ed08905757b1bb44b8f",
        rand: "9f7c8d021accf4db213ccff0c7f71a6a",
        sqn: "9d0277595ffc",
        amf: "725c",
        op: "dbc59adcb6f9a0ef735477b7fadf8374",
        opc: "1006020f0a478bf6b699f15c062e42b3",
        short: ["9cabc3e99baf7281", "8011c48c0c214ed2", "33484dc2136b"],
        keys: ["5dbdbb2954e8f3cde665b046179a5098", "59a92d3b476a0443487055cf88b2307b"],
    },
    Set {
        k: "9e5944aea94b81165c82fbf9f32db751",
        rand: "ce83dbc54ac0274a157c17f80d017bd6",
        sqn: "0b604a81eca8",
        amf: "9e09",
        op: "223014c5806694c007ca1eeef57f004f",
        opc: "a64a507ae1a2a98bb88eb4210135dc87",
        short: ["74a58220cba84c49", "f365cd683cd92e96", "f0b9c08ad02e"],
        keys: ["e203edb3971574f5a94b0d61b816345d", "0c4524adeac041c4dd830d20854fc46b"],
    },
    Set {
        k: "4ab1deb05ca6ceb051fc98e77d026a84",
        rand: "74b0cd6031a1c8339b2b6ce2b8c4a186",
        sqn: "e880a1b580b6",
        amf: "9f07",
        op: "2d16c5cd1fdf6b22383584e3bef2a8d8",
        opc: "dcf07cbd51855290b92a07a9891e523e",
        short: ["49e785dd12626ef2", "5860fc1bce351e7e", "31e11a609118"],
        keys: ["7657766b373d1c2138f307e3de9242f9", "1c42e960d89b8fa99f2744e0708ccb53"],
    },
    Set {
        k: "6c38a116ac280c454f59332ee35c8c4f",
        rand: "ee6466bc96202c5a557abbeff8babf63",
        sqn: "414b98222181",
        amf: "4464",
        op: "1ba00a1a7c6700ac8c3ff3e96ad08725",
        opc: "3803ef5363b947c6aaa225e58fae3934",
        short: ["078adfb488241a57", "16c8233f05a0ac28", "45b0f69ab06c"],
        keys: ["3f8c7587fe8e4b233af676aede30ba3b", "a7466cc1e6b2a1337d49d3b66e95d7b4"],
    },
    Set {
        k: "5122250214c33e723a5dd523fc145fc0",
        rand: "81e92b6c0ee0e12ebceba8d92a99dfa5",
        sqn: "16f3b3f70fc2",
        amf: "c3ab",
        op: "c9e8763286b5b9ffbdf56e1297d0887b",
        opc: "981d464c7c52eb6e5036234984ad0bcf",
        short: ["2a5c23d15ee351d5", "28d7b0f2a2ec3de5", "ada15aeb7bb8"],
        keys: ["5349fbe098649f948f5d2e973a81c00f", "9744871ad32bf9bbd1dd5ce54e3e2e5a"],
    },
];

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex(text).try_into().unwrap()
}

#[test]
fn all_functions_give_what_the_standard_says() {
    for set in SETS {
        let card = Milenage::new(&bytes(set.k), &bytes(set.op));
        assert_eq!(card.opc(), bytes(set.opc), "OPc of {}", set.k);
        let [f1, f2, f5] = set.short;
        let [f3, f4] = set.keys;
        let rand = bytes(set.rand);
        assert_eq!(card.mac(&rand, &bytes(set.sqn), &bytes(set.amf)), bytes(f1), "f1 of {}", set.k);
        let answers = Answers { res: bytes(f2), ck: bytes(f3), ik: bytes(f4), ak: bytes(f5) };
        assert_eq!(card.answers(&rand), answers, "f2 to f5 of {}", set.k);
    }
}

/// auth.md §7, A1 and A6, "derived".
#[test]
fn the_cards_of_the_vectors_give_the_intermediate_values() {
    let card =
        Milenage::new(&bytes("112233445566778899aabbccddeeff01"), &bytes("0123456789abcdef1021324354657687"));
    let rand = bytes("23553cbe9637a89d218ae64dae47bf35");
    assert_eq!(card.opc(), bytes("927129a9679588c3bc884500503a52d1"));
    assert_eq!(card.mac(&rand, &bytes("ff9bb4d0b607"), &[0xb9, 0xb9]), bytes("42bd805105ff6d57"));
    let answers = Answers {
        res: bytes("f1e8facaac51dbae"),
        ck: bytes("d9b4bc69d3f548d54dfb6ce4cfcf9781"),
        ik: bytes("e11fb4aab02268c6c631b4d76da05a6f"),
        ak: bytes("0552b69068b7"),
    };
    assert_eq!(card.answers(&rand), answers);
    let card = Milenage::new(b"0123456789abcdef", b"fedcba9876543210");
    assert_eq!(card.opc(), bytes("6d2eb212941146318f0ef6e2f92e5b0d"));
    assert_eq!(card.answers(&rand).res, bytes("005ece9b9a4d6bf5"));
}
