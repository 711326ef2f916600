#include "app/scope/nft_redirect.hpp"

#include <cstring>
#include <utility>

#include <linux/netlink.h>
#include <unistd.h>

namespace app::scope {
namespace {

scope_failure cannot(const std::string& what, boost::system::error_code why) {
  return {"cannot " + what + ": " + std::strerror(why.value())};
}

}  // namespace

scope_result<nft_redirect> nft_redirect::install(const watched_cgroup& cgroup, redirect_ports ports) {
  return install(table_of_cgroup(cgroup.path()), {cgroup.id(), cgroup.level()}, ports);
}

scope_result<void> nft_redirect::try_out() {
  auto made = install("zerogravity_try_" + std::to_string(::getpid()), {0, 1}, {1, 1});
  if (!made) return made.error();
  return {};
}

scope_result<nft_redirect> nft_redirect::install(const std::string& table, cgroup_match cgroup, redirect_ports ports) {
  auto opened = run::netlink_socket::open(NETLINK_NETFILTER);
  if (opened.has_error()) return cannot("speak to netfilter (CONFIG_NF_TABLES)", opened.error());
  for (const auto& step : redirect_rules(table, cgroup, ports)) {
    if (const auto error = opened->commit(step.messages)) return cannot(step.what, error);
  }
  return nft_redirect(std::move(*opened));
}

}  // namespace app::scope
