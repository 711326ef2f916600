#include "mitm/ca/certificate_cache.hpp"

#include <future>

#include <gmock/gmock.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include "test/mitm/ca/fixtures.hpp"

namespace mitm {
namespace {

using namespace test;
using namespace std::chrono_literals;

using names = std::vector<std::string>;

class cache_of_leaves : public testing::Test {
 protected:
  ~cache_of_leaves() override { pool_.join(); }

  void start(std::size_t capacity = 16, std::function<void(SSL_CTX*)> configure = {}) {
    cache_.emplace(
        asio::make_strand(pool_), leaf_mint::make(authority_).value(),
        certificate_cache::settings{capacity, std::move(configure), [this] { return clock_.load(); }, &blocking_});
  }

  std::future<ca_result<server_identity_ptr>> ask(names wanted, leaf_key kind = leaf_key::ecdsa) {
    return asio::co_spawn(pool_, cache_->leaf(std::move(wanted), kind), asio::use_future);
  }
  server_identity_ptr leaf(names wanted) { return ask(std::move(wanted)).get().value(); }

  asio::thread_pool pool_{4};
  net::blocking_pool blocking_{1};
  scratch_directory scratch_;
  std::shared_ptr<const certificate_authority> authority_ = new_authority(scratch_.path());
  std::atomic<wall_time> clock_{now};
  std::optional<certificate_cache> cache_;
};

TEST_F(cache_of_leaves, two_hundred_waiters_for_three_names_cost_three_mints) {
  start();
  const names three[] = {{"api.openai.com"}, {"chatgpt.com"}, {"cloudcode-pa.googleapis.com"}};
  std::vector<std::future<ca_result<server_identity_ptr>>> waiting;
  for (std::size_t i = 0; i < 200; ++i) waiting.push_back(ask(three[i % 3]));
  std::vector<const server_identity*> got;
  for (auto& one : waiting) got.push_back(one.get().value().get());
  for (std::size_t i = 0; i < 200; ++i) EXPECT_EQ(got[i], got[i % 3]);
  EXPECT_NE(got[0], got[1]);
  EXPECT_EQ(cache_->mints(), 3u);
  EXPECT_EQ(cache_->size(), 3u);
}

TEST_F(cache_of_leaves, names_that_mean_the_same_share_a_leaf) {
  start();
  const auto first = leaf({"api.openai.com", "chatgpt.com"});
  EXPECT_EQ(leaf({"CHATGPT.com.", "api.openai.com", "not-covered.example"}), first);
  EXPECT_NE(leaf({"api.openai.com"}), first);
  EXPECT_EQ(cache_->mints(), 2u);
}

TEST_F(cache_of_leaves, the_least_recently_used_is_evicted_and_its_holders_keep_it) {
  start(2);
  const auto first = leaf({"a.googleapis.com"});
  const auto second = leaf({"b.googleapis.com"});
  EXPECT_EQ(leaf({"a.googleapis.com"}), first);
  leaf({"c.googleapis.com"});
  EXPECT_EQ(cache_->size(), 2u);
  EXPECT_EQ(leaf({"a.googleapis.com"}), first) << "used since";
  EXPECT_NE(leaf({"b.googleapis.com"}), second) << "minted again";
  EXPECT_EQ(cache_->mints(), 4u);
  EXPECT_NE(second->leaf(), nullptr);
}

TEST_F(cache_of_leaves, a_leaf_is_minted_again_when_less_than_a_day_is_left_of_it) {
  start();
  const auto first = leaf({"api.openai.com"});
  clock_ = now + default_leaf_lifetime - leaf_renewal;
  EXPECT_EQ(leaf({"api.openai.com"}), first);
  clock_ = clock_.load() + 1s;
  const auto second = leaf({"api.openai.com"});
  EXPECT_NE(second, first);
  EXPECT_EQ(cache_->size(), 1u);
  EXPECT_EQ(cache_->mints(), 2u);
}

TEST_F(cache_of_leaves, in_the_cas_last_day_leaves_are_still_shared_and_after_it_there_are_none) {
  start();
  const wall_time end = authority_->certificate().not_after();
  clock_ = end - 2h;
  const auto first = leaf({"api.openai.com"});
  EXPECT_EQ(leaf({"api.openai.com"}), first);
  EXPECT_EQ(cache_->mints(), 1u);
  clock_ = end;
  EXPECT_FALSE(ask({"api.openai.com"}).get());
}

TEST_F(cache_of_leaves, a_name_outside_the_ca_is_an_error_and_is_not_kept) {
  start();
  const auto refused = ask({"example.org"}).get();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("does not cover"));
  EXPECT_EQ(cache_->size(), 0u);
  EXPECT_EQ(cache_->mints(), 0u);
}

TEST_F(cache_of_leaves, the_context_of_all_leaves_is_configured_once_by_the_caller) {
  std::atomic<int> configured = 0;
  start(16, [&configured](SSL_CTX* context) {
    EXPECT_NE(context, nullptr);
    ++configured;
  });
  EXPECT_EQ(leaf({"api.openai.com"})->context(), leaf({"chatgpt.com"})->context());
  EXPECT_EQ(configured, 1);
}

TEST_F(cache_of_leaves, the_rsa_leaf_of_a_name_is_another_one_and_its_key_is_made_off_the_strand) {
  start();
  std::promise<void> may_go_on;
  asio::post(blocking_, [wait = may_go_on.get_future().share()] { wait.wait(); });
  auto first = ask({"api.openai.com"}, leaf_key::rsa);
  auto second = ask({"chatgpt.com"}, leaf_key::rsa);
  const auto usual = leaf({"api.openai.com"});
  EXPECT_EQ(cache_->mints(), 1u) << "those who take ECDSA do not wait for the key";
  may_go_on.set_value();
  const auto rsa = first.get().value();
  EXPECT_NE(rsa, usual);
  EXPECT_EQ(EVP_PKEY_get_base_id(X509_get0_pubkey(rsa->leaf())), EVP_PKEY_RSA);
  EXPECT_EQ(EVP_PKEY_get_base_id(X509_get0_pubkey(usual->leaf())), EVP_PKEY_EC);
  EXPECT_EQ(EVP_PKEY_eq(X509_get0_pubkey(rsa->leaf()), X509_get0_pubkey(second.get().value()->leaf())), 1);
  EXPECT_EQ(ask({"api.openai.com"}, leaf_key::rsa).get().value(), rsa);
  EXPECT_EQ(leaf({"api.openai.com"}), usual);
}

TEST_F(cache_of_leaves, a_new_ca_replaces_the_cached_leaves) {
  start();
  const auto before = leaf({"api.openai.com"});
  const scratch_directory other;
  const auto fresh = new_authority(other.path());
  asio::co_spawn(pool_, cache_->use(leaf_mint::make(fresh).value()), asio::use_future).get();
  EXPECT_EQ(cache_->size(), 0u);
  const auto after = leaf({"api.openai.com"});
  EXPECT_EQ(verify(after->leaf(), fresh->certificate().get(), "api.openai.com"), X509_V_OK);
  EXPECT_NE(verify(before->leaf(), fresh->certificate().get(), "api.openai.com"), X509_V_OK);
}

}  // namespace
}  // namespace mitm
