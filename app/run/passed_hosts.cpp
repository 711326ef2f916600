#include "app/run/passed_hosts.hpp"

#include <algorithm>
#include <utility>

#include "net/text/utf8.hpp"

namespace app::run {
namespace {

constexpr std::size_t shown_hosts = 12;
constexpr std::size_t max_name = 80;  // bytes; the name is untrusted

std::string name_of(const mitm::connection_facts& facts) {
  if (!facts.host.empty()) return facts.host;
  const auto address = facts.destination.address().to_string();
  const bool v6 = facts.destination.address().is_v6();
  return (v6 ? "[" + address + "]" : address) + ":" + std::to_string(facts.destination.port());
}

std::string shown(const passed_host& each) {
  const std::string name = each.host.empty() ? "further hosts" : net::utf8::printable(each.host, max_name);
  return name + " (" + std::to_string(each.connections) + (each.connections == 1 ? " connection)" : " connections)");
}

}  // namespace

void passed_hosts::add(const mitm::session_report& ended) {
  using enum net::failure::phase_of;
  if (ended.handling != mitm::handling::spliced) return;
  // The host was never reached.
  if (ended.failure && ended.failure->phase == connect) return;
  auto name = name_of(ended.facts);
  std::lock_guard lock(mutex_);
  auto found = hosts_.find(name);
  if (found == hosts_.end()) {
    if (hosts_.size() >= max_hosts) name.clear();
    found = hosts_.try_emplace(name, passed_host{name, 0, 0, {}}).first;
  }
  auto& host = found->second;
  ++host.connections;
  host.bytes += static_cast<std::int64_t>(ended.bytes_up + ended.bytes_down);
  host.reason = ended.reason;
}

std::vector<passed_host> passed_hosts::all() const {
  std::vector<passed_host> list;
  std::unique_lock lock(mutex_);
  for (const auto& [name, host] : hosts_) list.push_back(host);
  lock.unlock();
  std::ranges::sort(list, [](const passed_host& a, const passed_host& b) {
    return a.bytes != b.bytes ? a.bytes > b.bytes : a.host < b.host;
  });
  return list;
}

std::string passed_hosts_text(const std::vector<passed_host>& hosts) {
  if (hosts.empty()) return {};
  std::string text = "Passed by unwatched: ";
  for (std::size_t i = 0; i < std::min(hosts.size(), shown_hosts); ++i) text += (i == 0 ? "" : ", ") + shown(hosts[i]);
  if (hosts.size() > shown_hosts) text += " and " + std::to_string(hosts.size() - shown_hosts) + " others";
  return text + ".\n";
}

}  // namespace app::run
