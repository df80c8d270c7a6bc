//! The contract suite: what a storage must do under the engine. Each case is given a fixture on a fresh database.

pub mod bulk;
pub mod commits;
pub mod damage;
pub mod derived;
mod given;
pub mod groups;
pub mod idempotency;
pub mod lifecycle;
pub mod limits;
pub mod payloads;
pub mod projections;
pub mod reads;
pub mod sealing;
pub mod subscriptions;
pub mod versions;

/// Calls the macro `$each` with every case of the contract suite, so that it can make a test of each.
///
/// `$each` is given the cases by module: `versions { every_expected_version ... } ...`. A case is the function
/// `leftfold_core::testing::contract::versions::every_expected_version`, which takes a `&dyn Fixture`.
///
/// ```
/// macro_rules! count {
///     ($($module:ident { $($case:ident)* })*) => { [$($(stringify!($case)),*),*].len() };
/// }
/// assert!(leftfold_core::contract_cases!(count) > 50);
/// ```
#[macro_export]
macro_rules! contract_cases {
    ($each:ident) => {
        $each! {
            versions {
                every_expected_version
                a_conflict_writes_nothing
                positions_and_versions_have_no_gap
                the_version_is_the_log_s_not_the_handle_s
                each_version_has_one_winner
                writers_of_different_streams_do_not_fail_each_other
            }
            idempotency {
                a_repeat_gives_the_original_answer
                a_repeat_outranks_every_check
                a_repeat_is_known_for_ever
                a_repeat_in_part_is_refused
                the_same_events_elsewhere_are_refused
                a_repeat_in_the_same_group
                a_repeat_on_two_handles_at_once
                without_ids_nothing_repeats
            }
            commits {
                several_streams_in_one_commit
                all_streams_or_none
                streams_that_are_only_checked
                a_commit_of_many_records
                every_kind_of_condition
                a_condition_that_holds
                a_condition_sees_the_newest_events
                each_condition_has_one_winner
            }
            limits {
                senseless_commits_are_refused
                limits_of_a_commit
                limits_of_an_event
            }
            groups {
                the_order_of_calls_is_the_order_of_positions
                one_conflict_never_fails_its_neighbours
                a_group_counts_on_within_itself
                groups_of_two_handles
                durabilities_in_one_group
                a_caller_who_goes_away
            }
            reads {
                directions_bounds_and_limits
                pages
                a_read_is_of_one_moment
                a_read_sees_other_handles_commits
                queries
                times
                listings
                events_by_position
                an_empty_store
            }
            payloads {
                every_byte_comes_back
                every_byte_of_a_bulk_comes_back
                what_the_producer_leaves_open
            }
            bulk {
                a_bulk_is_all_or_nothing
                a_bulk_leaves_out_what_is_stored
                two_bulks_with_the_same_events
                a_bulk_given_up_leaves_nothing
                appends_go_on_beside_a_bulk
                a_commit_may_overtake_a_bulk
                many_segments_in_a_moment
            }
            subscriptions {
                catch_up_then_follow
                where_a_subscription_begins
                subscriptions_to_a_query
                followers_miss_nothing_while_segments_are_sealed
                a_slow_follower
                the_head_moves
                closing_ends_a_subscription
            }
            sealing {
                a_sealed_log_is_the_same_log
                covered_entries_are_purged
                a_handle_that_lags_behind
                a_handle_that_lags_behind_reads_on
                reads_while_segments_are_made
                several_handles_seal_at_once
                following_across_segments
            }
            derived {
                derived_records_come_back
                derived_keys_are_ordered
                a_guard_has_one_winner
                a_derived_write_belongs_to_its_append
                one_handle_leads
            }
            projections {
                a_projection_serves_every_handle
                an_inline_projection_has_what_was_acknowledged
                a_rebuild_takes_the_place_of_what_answered
                repositories_decide_on_what_is_stored
                a_timeline_answers_for_every_position
            }
            damage {
                a_flipped_bit_is_found
                missing_bytes_are_found
                exchanged_records_are_found
                damage_under_an_open_handle
                a_newer_format_is_refused
                a_damaged_meta_record
            }
            lifecycle {
                a_new_store_is_opened_several_times_at_once
                a_store_outlives_its_handles
                a_closed_handle
                closing_waits_for_appends
                figures
                figures_of_another_handle
            }
        }
    };
}
