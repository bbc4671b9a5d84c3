//! How often a caller may do what costs: one table of token buckets for each kind of thing (security.md RL1–RL5).
//!
//! Each kind has a budget of its own, so that a flood of one leaves the others alone; [`Budgets`] lists them, docs/API.md
//! says them. What nobody is signed in for is charged to the [address](AddressBlock), the rest to the person; no header, body or
//! cookie changes which. Time here is the monotonic one, so no jump of the wall clock opens or shuts anything.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    net::IpAddr,
    num::NonZeroU32,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use shared::{id::MemberId, problem::ProblemCode};
use tokio::time::Instant;

use super::peer::AddressBlock;
use crate::{
    config::Config,
    domain::token_bucket::{Empty, Rate, TokenBuckets},
    error::AppError,
    service::passwords::Attempts,
};

/// A second, in microseconds.
const SECOND_US: u64 = 1_000_000;
/// Keys in the table of one budget, 2 MiB: the tables of all of them together stay below 32 (security.md RL4).
const BUDGET_KEYS_MAX: usize = 100_000;

/// A rate limit for each key; a handler calls [`RateLimit::check`] before it does anything.
#[derive(Debug)]
pub struct RateLimit<K> {
    /// What is limited, for the log.
    of: &'static str,
    since: Instant,
    buckets: Mutex<TokenBuckets<K>>,
}

impl<K: Eq + Hash> RateLimit<K> {
    /// A limit of the thing called `of`.
    #[must_use]
    pub fn new(of: &'static str, rate: Rate) -> Self {
        Self::of_buckets(of, TokenBuckets::new(rate))
    }

    fn of_buckets(of: &'static str, buckets: TokenBuckets<K>) -> Self {
        Self { of, since: Instant::now(), buckets: Mutex::new(buckets) }
    }

    /// Counts one for the key.
    ///
    /// # Errors
    /// [`ProblemCode::RateLimited`] with the time to wait, rounded up to whole seconds.
    pub fn check(&self, key: K) -> Result<(), AppError> {
        let now_us = self.now_us();
        let taken = self.buckets().take(key, now_us);
        taken.map_err(|empty| self.refuse(empty))
    }

    /// Whether [`RateLimit::check`] would let one pass now. Counts nothing.
    ///
    /// # Errors
    /// As of [`RateLimit::check`].
    pub fn look(&self, key: &K) -> Result<(), AppError> {
        let now_us = self.now_us();
        let found = self.buckets().peek(key, now_us);
        found.map_err(|empty| self.refuse(empty))
    }

    /// Takes back what [`RateLimit::check`] has counted.
    pub fn forgive(&self, key: &K) {
        self.buckets().give_back(key);
    }

    fn refuse(&self, Empty { wait_us }: Empty) -> AppError {
        tracing::info!(of = self.of, "too often");
        AppError::new(ProblemCode::RateLimited).retry_after(Duration::from_micros(wait_us))
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn buckets(&self) -> MutexGuard<'_, TokenBuckets<K>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A rate limit that the operator can multiply or take away, of keys that may be unknown: those are not counted.
#[derive(Debug)]
pub struct Budget<K>(Option<RateLimit<K>>);

impl<K: Eq + Hash> Budget<K> {
    /// `burst` at once and `per_minute` on average of the thing called `of`, each multiplied by `factor`; no limit for 0.
    fn new(of: &'static str, factor: u32, burst: u32, per_minute: u32) -> Self {
        let times = |count: u32| NonZeroU32::new(count.saturating_mul(factor));
        let rate = times(burst).zip(times(per_minute)).map(|(burst, count)| Rate::new(count, 60 * SECOND_US, burst));
        Self(rate.map(|rate| RateLimit::of_buckets(of, TokenBuckets::with_keys_max(rate, BUDGET_KEYS_MAX))))
    }

    fn each(&self, key: Option<K>) -> Option<(&RateLimit<K>, K)> {
        self.0.as_ref().zip(key)
    }

    /// See [`RateLimit::check`].
    ///
    /// # Errors
    /// As of [`RateLimit::check`].
    pub fn check(&self, key: Option<K>) -> Result<(), AppError> {
        self.each(key).map_or(Ok(()), |(limit, key)| limit.check(key))
    }

    /// See [`RateLimit::look`].
    ///
    /// # Errors
    /// As of [`RateLimit::check`].
    pub fn look(&self, key: Option<K>) -> Result<(), AppError> {
        self.each(key).map_or(Ok(()), |(limit, key)| limit.look(&key))
    }

    /// See [`RateLimit::forgive`].
    pub fn forgive(&self, key: Option<K>) {
        if let Some((limit, key)) = self.each(key) {
            limit.forgive(&key);
        }
    }
}

impl Budget<AddressBlock> {
    /// Counts one for the address that a request came from.
    ///
    /// # Errors
    /// As of [`RateLimit::check`].
    pub fn check_address(&self, address: Option<IpAddr>) -> Result<(), AppError> {
        self.check(address.map(AddressBlock::from))
    }
}

/// What costs, or could be guessed at, and how often it may be tried.
#[derive(Debug)]
pub struct Budgets {
    /// Wrong passwords of one account: those from one address it was used from, or those from all others together.
    sign_ins: Budget<u64>,
    /// Wrong passwords from one address.
    sign_ins_from: Budget<AddressBlock>,
    /// Wrong passwords of someone who is signed in, and asked for theirs again.
    pub passwords: Budget<MemberId>,
    /// Wrong codes for the set-up.
    pub setups: Budget<AddressBlock>,
    /// Looking at what is behind a link.
    pub previews: Budget<AddressBlock>,
    /// Coming in by an invite.
    pub joins: Budget<AddressBlock>,
    /// Coming in as a guest without one.
    pub guests: Budget<AddressBlock>,
    /// Using a link to another device or to a new password.
    pub link_uses: Budget<AddressBlock>,
    /// Making such links.
    pub links: Budget<MemberId>,
    /// Making invites.
    pub invites: Budget<MemberId>,
    /// Making rooms.
    pub rooms: Budget<MemberId>,
    /// Saying that one types, or is here: several devices and rooms at a time, once in three seconds each.
    pub signals: Budget<MemberId>,
    /// Changing people, oneself too: each is told to everyone.
    pub changes: Budget<MemberId>,
    /// Making tokens.
    pub tokens: Budget<MemberId>,
    /// Names of accounts are kept as a number that nobody else can compute, and none can be made to meet another's.
    hasher: RandomState,
}

impl Budgets {
    fn new(factor: u32) -> Self {
        Self {
            sign_ins: Budget::new("wrong passwords of an account", factor, 5, 5),
            sign_ins_from: Budget::new("wrong passwords from an address", factor, 20, 20),
            passwords: Budget::new("wrong passwords of a session", factor, 5, 5),
            setups: Budget::new("wrong set-up codes", factor, 10, 10),
            previews: Budget::new("previews", factor, 120, 60),
            joins: Budget::new("joins", factor, 120, 60),
            guests: Budget::new("guests", factor, 30, 10),
            link_uses: Budget::new("uses of links", factor, 20, 20),
            links: Budget::new("links", factor, 10, 10),
            invites: Budget::new("invites", factor, 100, 30),
            rooms: Budget::new("rooms", factor, 100, 30),
            signals: Budget::new("signals", factor, 20, 120),
            changes: Budget::new("changes of people", factor, 100, 60),
            tokens: Budget::new("tokens", factor, 30, 30),
            hasher: RandomState::new(),
        }
    }

    /// An attempt at the password of the account with this folded name. `is_known` says that the account was used from
    /// that address before: then what others try elsewhere does not count, so that nobody is locked out of their own
    /// place by somebody who guesses.
    #[must_use]
    pub fn sign_in(&self, name_key: &str, address: Option<IpAddr>, is_known: bool) -> SignInAttempts<'_> {
        let block = address.map(AddressBlock::from);
        let account = self.hasher.hash_one((name_key, block.filter(|_| is_known)));
        SignInAttempts { budgets: self, account, block }
    }

    /// Attempts at the password of someone who is signed in.
    #[must_use]
    pub fn password(&self, member: MemberId) -> PasswordAttempts<'_> {
        PasswordAttempts { budgets: self, member }
    }
}

/// See [`Budgets::sign_in`].
#[derive(Debug)]
pub struct SignInAttempts<'a> {
    budgets: &'a Budgets,
    account: u64,
    block: Option<AddressBlock>,
}

impl Attempts for SignInAttempts<'_> {
    fn look(&self) -> Result<(), AppError> {
        self.budgets.sign_ins_from.look(self.block)?;
        self.budgets.sign_ins.look(Some(self.account))
    }

    fn begin(&self) -> Result<(), AppError> {
        self.budgets.sign_ins_from.check(self.block)?;
        self.budgets.sign_ins.check(Some(self.account)).inspect_err(|_| self.budgets.sign_ins_from.forgive(self.block))
    }

    fn forgive(&self) {
        self.budgets.sign_ins_from.forgive(self.block);
        self.budgets.sign_ins.forgive(Some(self.account));
    }
}

/// See [`Budgets::password`].
#[derive(Debug)]
pub struct PasswordAttempts<'a> {
    budgets: &'a Budgets,
    member: MemberId,
}

impl Attempts for PasswordAttempts<'_> {
    fn look(&self) -> Result<(), AppError> {
        self.budgets.passwords.look(Some(self.member))
    }

    fn begin(&self) -> Result<(), AppError> {
        self.budgets.passwords.check(Some(self.member))
    }

    fn forgive(&self) {
        self.budgets.passwords.forgive(Some(self.member));
    }
}

/// Every rate limit of the server.
#[derive(Debug)]
pub struct RateLimits {
    /// Posts of a person; `None` when there is no limit.
    pub posts: Option<RateLimit<MemberId>>,
    /// Everything else.
    pub budgets: Budgets,
}

impl RateLimits {
    /// How many posts may come at once: so many times the rate of a second.
    const POST_BURST: u32 = 10;

    /// As the operator said.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let posts = NonZeroU32::new(config.post_rate).map(|rate| {
            let burst = rate.saturating_mul(NonZeroU32::MIN.saturating_add(Self::POST_BURST - 1));
            RateLimit::new("posts", Rate::new(rate, SECOND_US, burst))
        });
        Self { posts, budgets: Budgets::new(config.budget_factor) }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_wait_is_told_in_whole_seconds_and_is_long_enough() {
        let one = NonZeroU32::MIN;
        let limit = RateLimit::new("tests", Rate::new(one, 10 * SECOND_US, one));
        limit.check('a').unwrap();
        tokio::time::advance(Duration::from_millis(8_500)).await;
        let error = limit.check('a').unwrap_err();
        assert_eq!((error.code, error.retry_after_s), (ProblemCode::RateLimited, Some(2)));
        tokio::time::advance(Duration::from_secs(2)).await;
        limit.check('a').unwrap();
    }

    fn from(address: &str) -> Option<IpAddr> {
        Some(address.parse().unwrap())
    }

    /// So many wrong passwords are let through.
    fn wrong(attempts: &SignInAttempts<'_>) -> usize {
        (0..100).filter(|_| attempts.look().and_then(|()| attempts.begin()).is_ok()).count()
    }

    #[tokio::test(start_paused = true)]
    async fn who_guesses_locks_nobody_out_of_their_own_place() {
        let budgets = Budgets::new(1);
        let home = budgets.sign_in("ana", from("203.0.113.7"), true);
        for number in 0..50 {
            let address = format!("198.51.100.{number}");
            wrong(&budgets.sign_in("ana", from(&address), false));
        }
        assert_eq!(wrong(&budgets.sign_in("ana", from("192.0.2.1"), false)), 0, "all strangers together have five");
        assert_eq!(wrong(&budgets.sign_in("ana", from("2001:db8::1"), false)), 0);
        assert_eq!(wrong(&home), 5);
        let refused = home.look().unwrap_err();
        assert_eq!((refused.code, refused.retry_after_s), (ProblemCode::RateLimited, Some(12)));
        // It is a delay, and never a lock.
        tokio::time::advance(Duration::from_secs(12)).await;
        home.begin().unwrap();
        assert_eq!(wrong(&budgets.sign_in("ana", from("192.0.2.1"), false)), 1);
        assert_eq!(wrong(&budgets.sign_in("bo", from("192.0.2.1"), false)), 5, "another account is another");
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_guesses_at_few_accounts() {
        let budgets = Budgets::new(1);
        let names: Vec<_> = (0..30).map(|number| format!("person {number}")).collect();
        let attempt = |name: &str, address: &str| budgets.sign_in(name, from(address), false).begin().is_ok();
        assert_eq!(names.iter().filter(|name| attempt(name, "2001:db8:1:2::1")).count(), 20);
        assert!(!attempt("ana", "2001:db8:1:2:3:4:5:6"), "the same /64");
        assert!(attempt("ana", "2001:db8:1:3::1"));
        // What was refused for the account's sake is not the address's.
        let ana = |address: &str| budgets.sign_in("ana", from(address), false);
        assert_eq!(wrong(&ana("203.0.113.7")), 4);
        let others = names.iter().filter(|name| attempt(name, "203.0.113.7")).count();
        assert_eq!(others, 16);
    }

    #[tokio::test(start_paused = true)]
    async fn a_right_password_costs_nothing() {
        let budgets = Budgets::new(1);
        let attempts = budgets.sign_in("ana", from("203.0.113.7"), true);
        for _ in 0..100 {
            attempts.look().and_then(|()| attempts.begin()).unwrap();
            attempts.forgive();
        }
        assert_eq!(wrong(&attempts), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn the_operator_widens_budgets_or_takes_them_away() {
        let member = MemberId::from_entropy([1; 12]);
        for (factor, expected) in [(1, 100), (3, 300), (0, 1000)] {
            let budgets = Budgets::new(factor);
            let made = (0..1000).filter(|_| budgets.rooms.check(Some(member)).is_ok()).count();
            assert_eq!(made, expected);
            budgets.invites.check(Some(member)).unwrap();
            budgets.joins.check_address(None).unwrap();
        }
    }
}
