//! Random walks beside the model.

use leftfold_core::{
    MemoryDatabase,
    testing::{MemoryFixture, SimHost, walk},
};
use proptest::prelude::*;

use crate::contract::SlowFixture;

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_store_answers_as_the_model_does(seed: u64, steps in 1..120_usize) {
        futures_executor::block_on(walk(&MemoryFixture::new(MemoryDatabase::new()), seed, steps));
    }

    #[test]
    fn it_does_so_in_whatever_order_tasks_run(seed: u64, order: u64, steps in 1..60_usize) {
        let host = SimHost::new(order);
        let fixture = SlowFixture::new(&host, order);
        host.run(walk(&fixture, seed, steps));
    }
}
