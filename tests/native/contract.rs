//! The contract suite on the storage in memory: as it is, and slowed down, where every call waits and the tasks of all
//! handles run in an order drawn from a seed.

use std::rc::Rc;

use bytes::Bytes;
use leftfold_core::{
    MemoryDatabase, Storage, StorageFuture,
    testing::{Faults, FaultyStorage, Fixture, MemoryFixture, SimHost, Table},
};

/// A database in memory whose every call waits for a while.
pub(crate) struct SlowFixture {
    memory: MemoryFixture,
    faults: Rc<Faults>,
}

impl SlowFixture {
    pub(crate) fn new(host: &Rc<SimHost>, seed: u64) -> Self {
        let faults = Faults::new();
        faults.delay(seed, 3);
        Self { memory: MemoryFixture::new(MemoryDatabase::on_host("slow", host.clone())), faults }
    }
}

impl Fixture for SlowFixture {
    fn open(&self) -> StorageFuture<'_, Rc<dyn Storage>> {
        Box::pin(async { Ok(FaultyStorage::around(self.memory.open().await?, &self.faults)) })
    }

    fn records(&self, table: Table) -> StorageFuture<'_, Vec<(u64, Bytes)>> {
        self.memory.records(table)
    }

    fn write_record(&self, table: Table, key: u64, record: Option<Bytes>) -> StorageFuture<'_, ()> {
        self.memory.write_record(table, key, record)
    }
}

macro_rules! tests {
    ($($module:ident { $($case:ident)* })*) => {
        mod memory {
            $(mod $module {
                $(#[test]
                fn $case() {
                    let fixture = leftfold_core::testing::MemoryFixture::new(leftfold_core::MemoryDatabase::new());
                    futures_executor::block_on(leftfold_core::testing::contract::$module::$case(&fixture));
                })*
            })*
        }

        mod slow_memory {
            $(mod $module {
                $(#[test]
                fn $case() {
                    for seed in 0..4 {
                        let host = leftfold_core::testing::SimHost::new(seed);
                        let fixture = crate::contract::SlowFixture::new(&host, seed);
                        host.run(leftfold_core::testing::contract::$module::$case(&fixture));
                    }
                })*
            })*
        }

        const CASES: &[(&str, &[&str])] = &[$((stringify!($module), &[$(stringify!($case)),*])),*];
    };
}

leftfold_core::contract_cases!(tests);

#[test]
fn no_case_is_left_out_of_the_list() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src/testing/contract");
    for (module, cases) in CASES {
        let text = std::fs::read_to_string(folder.join(format!("{module}.rs"))).unwrap();
        let names = text.lines().filter_map(|line| line.strip_prefix("pub async fn ")?.split('(').next());
        assert_eq!(names.collect::<Vec<_>>(), *cases, "the cases of {module}");
    }
    let modules = std::fs::read_dir(folder).unwrap().count();
    assert_eq!(modules, CASES.len() + 2, "all modules but given.rs and mod.rs have cases");
}
