//! Milenage: what a SIM card computes from its key and a challenge.
//! Spec: 3GPP TS 35.206 with its own constants r1..r5, c1..c5; auth.md §4 item 2. Must not know how a challenge travels.

use aes::Aes128;
use aes::cipher::{BlockCipherEncrypt, KeyInit};

/// A card: K and the OPc made of OP.
pub(super) struct Milenage {
    cipher: Aes128,
    opc: u128,
}

/// What the functions f2 to f5 give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answers {
    /// f2: the response to the challenge.
    pub res: [u8; 8],
    /// f3: the cipher key.
    pub ck: [u8; 16],
    /// f4: the integrity key.
    pub ik: [u8; 16],
    /// f5: hides the sequence number.
    pub ak: [u8; 6],
}

impl Milenage {
    pub fn new(k: &[u8; 16], op: &[u8; 16]) -> Milenage {
        let cipher = Aes128::new(&(*k).into());
        let op = u128::from_be_bytes(*op);
        let opc = encrypt(&cipher, op) ^ op;
        Milenage { cipher, opc }
    }

    #[cfg(test)]
    pub fn opc(&self) -> [u8; 16] {
        self.opc.to_be_bytes()
    }

    /// f1: the proof that the server knows the key.
    pub fn mac(&self, rand: &[u8; 16], sqn: &[u8; 6], amf: &[u8; 2]) -> [u8; 8] {
        let [s0, s1, s2, s3, s4, s5] = *sqn;
        let [a0, a1] = *amf;
        let half = u64::from_be_bytes([s0, s1, s2, s3, s4, s5, a0, a1]);
        let twice = u128::from(half) << 64 | u128::from(half);
        let hidden = (twice ^ self.opc).rotate_left(64);
        let out = encrypt(&self.cipher, self.temp(rand) ^ hidden) ^ self.opc;
        ((out >> 64) as u64).to_be_bytes()
    }

    /// f2 to f5.
    pub fn answers(&self, rand: &[u8; 16]) -> Answers {
        let temp = self.temp(rand) ^ self.opc;
        let out =
            |rotation, constant| encrypt(&self.cipher, temp.rotate_left(rotation) ^ constant) ^ self.opc;
        let both = out(0, 1);
        let [a0, a1, a2, a3, a4, a5, ..] = both.to_be_bytes();
        Answers {
            res: (both as u64).to_be_bytes(),
            ck: out(32, 2).to_be_bytes(),
            ik: out(64, 4).to_be_bytes(),
            ak: [a0, a1, a2, a3, a4, a5],
        }
    }

    fn temp(&self, rand: &[u8; 16]) -> u128 {
        encrypt(&self.cipher, u128::from_be_bytes(*rand) ^ self.opc)
    }
}

fn encrypt(cipher: &Aes128, block: u128) -> u128 {
    let mut block = block.to_be_bytes().into();
    cipher.encrypt_block(&mut block);
    u128::from_be_bytes(block.into())
}
