#pragma once

// Caches minted leaves. Every intercepted connection asks it. It runs on one strand, so a name is minted once however
// many connections wait. It evicts the least recently used.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "mitm/ca/leaf_mint.hpp"
#include "mitm/ca/server_identity.hpp"
#include "mitm/policy/limits.hpp"
#include "net/executor.hpp"

namespace mitm {

namespace asio = boost::asio;

/// A leaf with less than this left is replaced.
inline constexpr std::chrono::hours leaf_renewal{24};

class certificate_cache {
 public:
  struct settings {
    std::size_t capacity = limits{}.cached_leaves;
    std::function<void(SSL_CTX*)> configure;  // final setup of the server context, e.g. its ALPN callback; may be empty
    std::function<wall_time()> clock = [] { return std::chrono::system_clock::now(); };
    net::blocking_pool* blocking = nullptr;  // makes the RSA key; null: the strand does. Outlives the cache
  };

  /// `strand` must be a strand. Its context must outlive the cache, and the cache every awaited leaf().
  certificate_cache(asio::any_io_executor strand, leaf_mint mint, settings chosen);

  /// A leaf for the names that the CA covers, with a key of that kind. Equal sets of names share one leaf.
  asio::awaitable<ca_result<server_identity_ptr>> leaf(std::vector<std::string> names, leaf_key kind = leaf_key::ecdsa);

  /// Uses a new CA from now on and drops the cached leaves. Connections keep the leaf they hold.
  asio::awaitable<void> use(leaf_mint mint);

  /// How many since the start, with renewals. From any thread.
  std::uint64_t mints() const noexcept { return mints_.load(std::memory_order_relaxed); }
  std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

 private:
  struct entry {
    std::string names;  // and the kind of key
    wall_time not_after;
    server_identity_ptr leaf;
  };
  using entries = std::list<entry>;

  asio::awaitable<ca_result<server_identity_ptr>> leaf_on_strand(std::vector<std::string> names, leaf_key kind);
  asio::awaitable<void> prepare_key(leaf_key kind);
  asio::awaitable<void> use_on_strand(leaf_mint mint);
  bool is_fresh(const entry& cached, wall_time now) const;
  ca_result<void> make_context();
  ca_result<entry> make_entry(std::string key, const std::vector<std::string>& names, wall_time now, leaf_key kind);
  void keep(entry made);
  void forget(entries::iterator position);

  asio::any_io_executor strand_;
  settings settings_;
  std::atomic<std::uint64_t> mints_{0};
  std::atomic<std::size_t> size_{0};

  // Used on the strand only.
  leaf_mint mint_;
  net::ssl_context_ptr context_;                                      // of all leaves; null before the first
  entries by_use_;                                                    // most recently used first
  std::unordered_map<std::string_view, entries::iterator> by_names_;  // views into by_use_
};

}  // namespace mitm
