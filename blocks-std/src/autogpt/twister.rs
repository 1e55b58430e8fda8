//! Python's random numbers for a seed: the Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998), and how Python
//! draws samples with it.

use std::collections::HashSet;

const N: usize = 624;
const M: usize = 397;

/// The generator.
#[derive(Debug)]
pub(super) struct Twister {
    state: Vec<u32>,
    next: usize,
}

impl Twister {
    /// Returns the generator that Python has after `random.seed(seed)`.
    pub(super) fn new(seed: u64) -> Self {
        let mut twister = Self {
            state: vec![0; N],
            next: N,
        };
        twister.fill(19_650_218);
        let low = (seed & 0xffff_ffff) as u32;
        let high = (seed >> 32) as u32;
        let key = if high == 0 {
            vec![low]
        } else {
            vec![low, high]
        };
        twister.mix(&key);
        twister
    }

    fn at(&self, index: usize) -> u32 {
        self.state.get(index % N).copied().unwrap_or(0)
    }

    fn set(&mut self, index: usize, value: u32) {
        if let Some(place) = self.state.get_mut(index) {
            *place = value;
        }
    }

    fn fill(&mut self, seed: u32) {
        self.set(0, seed);
        for index in 1..N {
            let before = self.at(index - 1);
            let mixed = 1_812_433_253_u32.wrapping_mul(before ^ (before >> 30));
            self.set(index, mixed.wrapping_add(index as u32));
        }
    }

    fn mix(&mut self, key: &[u32]) {
        let mut index = 1;
        for step in 0..N.max(key.len()) {
            let before = self.at(index - 1);
            let place = step % key.len();
            let word = key.get(place).copied().unwrap_or(0);
            let mixed = self.at(index) ^ (before ^ (before >> 30)).wrapping_mul(1_664_525);
            self.set(index, mixed.wrapping_add(word).wrapping_add(place as u32));
            index = self.step(index);
        }
        for _ in 1..N {
            let before = self.at(index - 1);
            let mixed = self.at(index) ^ (before ^ (before >> 30)).wrapping_mul(1_566_083_941);
            self.set(index, mixed.wrapping_sub(index as u32));
            index = self.step(index);
        }
        self.set(0, 0x8000_0000);
    }

    fn step(&mut self, index: usize) -> usize {
        if index + 1 < N {
            return index + 1;
        }
        self.set(0, self.at(N - 1));
        1
    }

    fn word(&mut self) -> u32 {
        if self.next >= N {
            for index in 0..N {
                let bits = (self.at(index) & 0x8000_0000) | (self.at(index + 1) & 0x7fff_ffff);
                let odd = if bits & 1 == 1 { 0x9908_b0df } else { 0 };
                self.set(index, self.at(index + M) ^ (bits >> 1) ^ odd);
            }
            self.next = 0;
        }
        let mut word = self.at(self.next);
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    /// Returns a number from 0 up to but not `n`, which is not 0.
    pub(super) fn below(&mut self, n: usize) -> usize {
        let n_bits = usize::BITS - n.leading_zeros();
        loop {
            let drawn = self.bits(n_bits) as usize;
            if drawn < n {
                return drawn;
            }
            if n == 0 {
                return 0;
            }
        }
    }

    fn bits(&mut self, n: u32) -> u64 {
        match n {
            0 => 0,
            1..=32 => u64::from(self.word() >> (32 - n)),
            _ => {
                let low = u64::from(self.word());
                let high = u64::from(self.word() >> (64 - n.min(64)));
                high << 32 | low
            }
        }
    }

    /// Returns a number from 0 up to but not 1.
    fn fraction(&mut self) -> f64 {
        let high = f64::from(self.word() >> 5);
        let low = f64::from(self.word() >> 6);
        (high * 67_108_864.0 + low) / 9_007_199_254_740_992.0
    }

    /// Draws so many different items, at most as many as there are.
    pub(super) fn sample(&mut self, items: &[usize], n: usize) -> Vec<usize> {
        let n = n.min(items.len());
        let mut room = 21;
        if n > 5 {
            // As Python weighs a set against a copy of the list.
            let power = ((n * 3) as f64).ln() / 4_f64.ln();
            room += 4_usize.saturating_pow(power.ceil() as u32);
        }
        let mut drawn = Vec::with_capacity(n);
        if items.len() <= room {
            let mut pool = items.to_vec();
            for left in (items.len() - n + 1..=items.len()).rev() {
                let at = self.below(left);
                let last = pool.get(left - 1).copied();
                if let (Some(place), Some(last)) = (pool.get_mut(at), last) {
                    drawn.push(*place);
                    *place = last;
                }
            }
            return drawn;
        }
        let mut seen = HashSet::with_capacity(n);
        while drawn.len() < n {
            let at = self.below(items.len());
            if seen.insert(at) {
                drawn.extend(items.get(at));
            }
        }
        drawn
    }

    /// Draws places by weight, again and again from all; `None` where all weights together are nothing.
    pub(super) fn choices(&mut self, weights: &[f64], n: usize) -> Option<Vec<usize>> {
        let mut sums = Vec::with_capacity(weights.len());
        let mut total = 0.0;
        for weight in weights {
            total += weight;
            sums.push(total);
        }
        if !total.is_finite() || total <= 0.0 {
            return None;
        }
        let last = weights.len() - 1;
        let draw = |_| {
            let at = self.fraction() * total;
            sums.partition_point(|sum| *sum <= at).min(last)
        };
        Some((0..n).map(draw).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_pythons() {
        // The first words after init_by_array([0x123, 0x234, 0x345, 0x456]) are in the paper's test; these are
        // random.seed(42) and random.seed(2**40 + 1).
        let mut twister = Twister::new(42);
        assert_eq!(twister.fraction(), 0.639_426_798_457_883_8);
        assert_eq!(twister.fraction(), 0.025_010_755_222_666_936);
        assert_eq!(
            Twister::new(0).sample(&(0..10).collect::<Vec<_>>(), 3),
            [6, 9, 0]
        );
        assert_eq!(
            Twister::new(1).sample(&(0..1000).collect::<Vec<_>>(), 3),
            [137, 582, 867]
        );
        assert_eq!(Twister::new(5).choices(&[0.0; 3], 1), None);
    }
}
