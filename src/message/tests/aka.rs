//! auth.md §4 and the vectors A1 to A10 of §7.

use super::World;
use super::authentication::{JOE, PLAIN, UNAUTHORIZED, answer, challenge, challenged, challenged_by, header};
use crate::auth::Status;

const RAND_NONCE: &str = "I1U8vpY3qJ0hiuZNrke/NfrJAkDesLm5Qr2AUQX/bVc=";
const KEYS: &str = "aka_K=0x112233445566778899aabbccddeeff01 aka_OP=0x0123456789abcdef1021324354657687";

fn aka(nonce: &str, more: &str) -> World {
    challenged(&format!("Digest realm=\"ims.test\",nonce=\"{nonce}\",algorithm=AKAv1-MD5{more}"))
}

/// Vectors A1 to A9.
#[test]
fn akav1() {
    let card = format!("authentication username=joe {KEYS} aka_AMF=0xB9B9");
    let text_op = "aka_OP=fedcba9876543210 aka_AMF=0xB9B9";
    let a6 = "I1U8vpY3qJ0hiuZNrke/NaHhnf48hbm5iIBCL6FonPU=";
    let qop = ",qop=\"auth\"";
    for (name, nonce, more, cnonce, keyword, response) in [
        ("A1", RAND_NONCE, "", 0, card.as_str(), "0f04c34664f598f6b6567702b3cb664f"),
        ("A2", RAND_NONCE, qop, 0x6b8b_4567, &card, "00fd12b2504d4ac9e6bf02ea4d562dac"),
        ("A3", RAND_NONCE, qop, 0x33e3_456f, &card, "51c57b941d08a139abc9cce8f89ce18c"),
        (
            "A4",
            "I1U8vpY3qJ0hiuZNrke/NfrJAkDesIAAqZeXGFudmrs=",
            "",
            0,
            &format!("authentication username=joe {KEYS} aka_AMF=0x8000"),
            "886d3a1aa6b87622ae6b6c1d9a3de995",
        ),
        (
            "A5",
            "I1U8vpY3qJ0hiuZNrke/NfrJAkDesAAAedSrLhehvnc=",
            "",
            0,
            &format!("authentication username=joe {KEYS}"),
            "7f10ed3eab195666a9edb3a2fe9383c0",
        ),
        (
            "A6",
            a6,
            "",
            0,
            &format!("authentication username=joe aka_K=0123456789abcdef {text_op}"),
            "f4b1989abf5fd9fbbfca897f977e9d12",
        ),
        (
            "A6, K from the password",
            a6,
            "",
            0,
            &format!("authentication username=joe password=0123456789abcdefXYZ {text_op}"),
            "f4b1989abf5fd9fbbfca897f977e9d12",
        ),
        (
            "A7",
            "I1U8vpY3qJ0hiuZNrke/Ne+jnvw2orm5cKIX03pJYKI=",
            "",
            0,
            &format!("authentication username=joe password=schmo {text_op}"),
            "66310030598cfdf0d62cfd0ab027a33e",
        ),
        (
            "A8",
            "I1U8vpY3qJ0hiuZNrke/NfrJAkDesLm5Qr2AUQX/bVdzZXJ2ZXJkYXRh",
            "",
            0,
            &card,
            "6baa211a1c27fe2ae25b3a63c1e31ea5",
        ),
        (
            "A9: a bracket and a newline among the bytes of the key",
            "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=",
            "",
            0,
            "authentication username=joe aka_K=0x465b5ce8b199b49faa5f0a2ee238a6bc \
             aka_OP=0xcdc202d5123e20f62b6d676ac72cb318 aka_AMF=0xb9b9",
            "f6bd44c63930a96df637583be7aa3a98",
        ),
    ] {
        let mut world = World { cnonce, ..aka(nonce, more) };
        let header = header(&mut world, keyword);
        assert_eq!(answer(&header), response, "{name}");
        assert!(header.contains(&format!("nonce=\"{nonce}\"")) && header.contains(",algorithm=AKAv1-MD5"));
    }
}

/// Vector A10, and auth.md §4 item 1.
#[test]
fn an_aka_challenge_that_is_not_the_servers_fails_the_call() {
    let fails = |nonce: &str, amf: &str| {
        let mut world = aka(nonce, "");
        let template = world.parse(&format!("[authentication username=joe {KEYS} aka_AMF={amf}]")).unwrap();
        world.try_render(&template).unwrap_err().to_string()
    };
    let mac = "MAC != expectedMAC -> Server might not know the secret (man-in-the-middle attack?)";
    assert!(fails(RAND_NONCE, "0x8000").ends_with(mac));
    assert!(fails("I1U8vpY3qJ0hiuZNrke/NfrJAkDesLm5Qr2AUQX/AAA=", "0xB9B9").ends_with(mac));
    assert!(fails("AAAA", "0xB9B9").ends_with("Nonce is too short 3 < 32 expected"));
    assert!(fails("!!!!", "0xB9B9").ends_with("Nonce is too short 0 < 32 expected"));
    let short = "I1U8vpY3qJ0hiuZNrke/NfrJAkDesLm5Qr2AUQX/bQ==";
    assert!(fails(short, "0xB9B9").ends_with("Nonce is too short 31 < 32 expected"));
}

/// RFC 4169 §3: computed apart.
#[test]
fn akav2() {
    let mut world = aka(RAND_NONCE, "");
    challenge(
        &mut world,
        Status::Unauthorized,
        &[(UNAUTHORIZED, &format!("Digest realm=\"ims.test\",nonce=\"{RAND_NONCE}\",algorithm=AKAv2-MD5"))],
        "REGISTER",
    );
    let header = header(&mut world, &format!("authentication username=joe {KEYS} aka_AMF=0xB9B9"));
    assert!(header.ends_with(",algorithm=AKAv2-MD5"), "{header}");
    assert_eq!(answer(&header), "a587359f080d236a33cf2c7a56556381");
}

#[test]
fn who_has_a_card_is_asked_for_it_and_who_has_a_password_for_that() {
    let aka = format!("Digest realm=\"a\",nonce=\"{RAND_NONCE}\",algorithm=AKAv1-MD5");
    let headers = [(UNAUTHORIZED, PLAIN), (UNAUTHORIZED, aka.as_str())];
    let mut world = challenged_by(Status::Unauthorized, &headers);
    assert!(header(&mut world, JOE).contains("realm=\"r\""));
    assert!(header(&mut world, &format!("authentication {KEYS} aka_AMF=0xB9B9")).contains("realm=\"a\""));
}
