#include "mitm/ca/certificate_cache.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "mitm/ca/server_context.hpp"
#include "net/executor.hpp"

namespace mitm {
namespace {

/// The order of names affects only the common name, which nobody compares.
std::string key_of(std::vector<std::string> names, leaf_key kind) {
  std::sort(names.begin(), names.end());
  std::string key = kind == leaf_key::rsa ? "rsa: " : "";
  for (const std::string& name : names) key.append(name).push_back(' ');
  return key;
}

}  // namespace

certificate_cache::certificate_cache(asio::any_io_executor strand, leaf_mint mint, settings chosen)
    : strand_(std::move(strand)), settings_(std::move(chosen)), mint_(std::move(mint)) {}

asio::awaitable<ca_result<server_identity_ptr>> certificate_cache::leaf(std::vector<std::string> names, leaf_key kind) {
  co_return co_await asio::co_spawn(strand_, leaf_on_strand(std::move(names), kind), net::uncancelled());
}

asio::awaitable<void> certificate_cache::use(leaf_mint mint) {
  co_await asio::co_spawn(strand_, use_on_strand(std::move(mint)), net::uncancelled());
}

asio::awaitable<ca_result<server_identity_ptr>> certificate_cache::leaf_on_strand(std::vector<std::string> names,
                                                                                  leaf_key kind) {
  co_await prepare_key(kind);
  const wall_time now = settings_.clock();
  const std::vector<std::string> usable = mint_.usable(names);
  std::string key = key_of(usable, kind);
  if (const auto found = by_names_.find(key); found != by_names_.end()) {
    const auto position = found->second;
    if (is_fresh(*position, now)) {
      by_use_.splice(by_use_.begin(), by_use_, position);
      co_return position->leaf;
    }
    forget(position);
  }
  auto made = make_entry(std::move(key), usable, now, kind);
  if (!made) co_return made.error();
  keep(*std::move(made));
  co_return by_use_.front().leaf;
}

/// Waits until minting does not block. Others use the strand meanwhile, and may bring a new mint with a new key.
asio::awaitable<void> certificate_cache::prepare_key(leaf_key kind) {
  if (kind != leaf_key::rsa) co_return;
  const auto key = mint_.rsa_key();
  if (!key->ready()) co_await net::offload(settings_.blocking, [key] { return key->get(); });
}

asio::awaitable<void> certificate_cache::use_on_strand(leaf_mint mint) {
  mint_ = std::move(mint);
  by_names_.clear();
  by_use_.clear();
  size_.store(0, std::memory_order_relaxed);
  co_return;
}

bool certificate_cache::is_fresh(const entry& cached, wall_time now) const {
  if (cached.not_after <= now) return false;
  // On the CA's last day a new leaf would expire no later.
  const bool ends_with_ca = cached.not_after == mint_.authority().certificate().not_after();
  return ends_with_ca || cached.not_after - now >= leaf_renewal;
}

ca_result<certificate_cache::entry> certificate_cache::make_entry(std::string key,
                                                                  const std::vector<std::string>& names, wall_time now,
                                                                  leaf_key kind) {
  auto minted = mint_.mint(names, now, kind);
  if (!minted) return minted.error();
  mints_.fetch_add(1, std::memory_order_relaxed);
  if (const auto ready = make_context(); !ready) return ready.error();
  auto made = server_identity::make(context_, std::move(minted->certificate),
                                    kind == leaf_key::rsa ? mint_.rsa_key()->get() : mint_.key());
  if (!made) return made.error();
  return entry{std::move(key), minted->not_after, *std::move(made)};
}

ca_result<void> certificate_cache::make_context() {
  if (context_) return {};
  auto made = make_server_context();
  if (!made) return made.error();
  if (settings_.configure) settings_.configure(made->get());
  context_ = *std::move(made);
  return {};
}

void certificate_cache::keep(entry made) {
  while (!by_use_.empty() && by_use_.size() >= settings_.capacity) forget(std::prev(by_use_.end()));
  by_use_.push_front(std::move(made));
  by_names_.emplace(by_use_.front().names, by_use_.begin());
  size_.store(by_use_.size(), std::memory_order_relaxed);
}

void certificate_cache::forget(entries::iterator position) {
  by_names_.erase(position->names);
  by_use_.erase(position);
}

}  // namespace mitm
