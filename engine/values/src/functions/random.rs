//! Which numbers does RAND(seed) yield? L'Ecuyer's combined generator with the constants of SQL
//! Server: the second stream always starts at 67890, and seed 0 stands for 12345.

/// The sequence of RAND() after RAND(seed).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RandomSequence {
    first: i64,
    second: i64,
}

const FIRST_MODULUS: i64 = 2_147_483_563;
const SECOND_MODULUS: i64 = 2_147_483_399;

impl RandomSequence {
    /// Starts at a seed.
    pub fn new(seed: i32) -> Self {
        let first = if seed == 0 {
            12_345
        } else {
            i64::from(seed).abs()
        };
        Self {
            first,
            second: 67_890,
        }
    }

    /// The next number, from 0 up to, not including, 1.
    pub fn draw(&mut self) -> f64 {
        self.first = self.first * 40_014 % FIRST_MODULUS;
        self.second = self.second * 40_692 % SECOND_MODULUS;
        let difference = self.first - self.second;
        let positive = if difference < 1 {
            difference + FIRST_MODULUS - 1
        } else {
            difference
        };
        positive as f64 * 4.656_613e-10
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_numbers_are_those_of_sql_server() {
        for (seed, expected) in [
            (0, 0.943_597_390_424_144),
            (1, 0.713_591_993_212_924),
            (2, 0.713_610_626_184_182),
            (100, 0.715_436_657_367_485),
        ] {
            let actual = RandomSequence::new(seed).draw();
            assert!(
                (actual - expected).abs() < 1e-14,
                "RAND({seed}) is {actual}"
            );
        }
    }
}
