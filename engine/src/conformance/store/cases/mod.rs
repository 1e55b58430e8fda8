//! The sentences of the traits, each as a case.

mod append;
mod bench;
mod claim;
mod concurrent;
mod create;
mod delete;
mod extremes;
mod lease;
mod list;
mod messages;
mod read;
mod snapshots;
mod sync;

use std::sync::Arc;

use crate::host::{BoxFuture, Store};

use super::sample;

type Case = fn(Arc<dyn Store>) -> BoxFuture<'static, ()>;

macro_rules! cases {
    ($($module:ident: $($name:ident,)+;)+) => {
        /// Every case by its name.
        pub(super) const ALL: &[(&str, Case)] = &[$($((
            concat!(stringify!($module), "::", stringify!($name)),
            |store| Box::pin($module::$name(bench::Bench(store))),
        ),)+)+];
    };
}

cases! {
    create:
        a_run_is_queued,
        an_id_is_given_once,
        a_key_means_the_run_that_had_it_first,
        a_refused_run_takes_no_key,
        runs_may_be_called_anything,
        what_is_said_of_a_run_stays,
        labels_may_be_so_large,
        labels_are_texts,
        a_run_is_claimed_when_it_is_accepted,
        a_lease_of_the_beginning_ends_as_any_other,
        a_known_key_claims_nothing,
    ;
    append:
        events_are_kept_in_order,
        a_gap_is_refused,
        events_numbered_otherwise_are_refused,
        nothing_of_a_refused_append_is_kept,
        a_lease_that_was_taken_over_is_fenced,
        a_lease_that_nobody_had_is_fenced,
        a_lease_given_back_is_fenced,
        a_lease_whose_time_has_ended_holds,
        an_end_sets_the_status_and_ends_the_lease,
        nothing_follows_an_end,
        messages_that_were_heard_are_dropped,
        no_events_may_be_appended,
        there_must_be_a_run,
    ;
    read:
        every_kind_of_event_comes_back,
        a_part_is_what_was_asked_for,
        there_must_be_a_run,
    ;
    claim:
        the_oldest_come_first,
        no_more_than_asked_for,
        a_queued_run_is_claimed_once,
        a_lease_that_ends_frees_its_run,
        a_run_waits_for_its_time,
        a_message_wakes_a_run,
        a_run_that_waits_for_neither_is_left,
        a_run_that_is_over_is_left,
        by_name_it_may_wait_for_anything,
        by_name_and_no_other,
        by_name_it_must_be_free,
        by_name_it_must_not_be_over,
        by_name_there_must_be_one,
        numbers_of_leases_grow,
    ;
    sync:
        it_does_not_matter_who_has_the_run,
        a_run_may_be_accepted_without_it,
        there_must_be_a_run,
    ;
    lease:
        a_heartbeat_renews,
        a_heartbeat_revives_what_nobody_took,
        a_heartbeat_tells_of_messages_and_losses,
        a_run_that_is_queued_again_can_be_claimed,
        a_parked_run_says_what_for,
        parking_while_a_message_waits_queues,
        only_its_owner_gives_a_lease_back,
    ;
    messages:
        they_come_back_in_order,
        numbers_grow_even_when_all_were_heard,
        a_run_must_go_on_to_be_told,
    ;
    list:
        the_latest_come_first,
        by_status,
        page_by_page,
        a_page_must_go_on_behind_a_run,
        by_tenant,
        by_source,
        by_time,
        by_everything_page_by_page,
        a_run_of_another_tenant_is_not_there,
        those_that_go_are_counted,
        who_has_runs_is_told_by_name,
    ;
    snapshots:
        the_latest_of_at_most_so_many_events,
        there_must_be_a_run,
    ;
    delete:
        nothing_is_left,
        a_run_in_motion_stays,
        others_stay,
    ;
    extremes:
        times_may_be_far_off,
        events_may_be_large,
        texts_may_be_anything,
    ;
    concurrent:
        each_run_is_claimed_by_one,
        runs_are_written_side_by_side,
        one_of_many_writers_wins,
    ;
}
