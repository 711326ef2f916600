#include "app/scope/cgroup_redirect.hpp"

#include <algorithm>
#include <utility>

namespace app::scope {
namespace {

/// A redirected connection arrives at a loopback address.
std::uint16_t port_of(const endpoints& listening, const boost::asio::ip::tcp& family) {
  const auto found = std::ranges::find_if(listening, [&](const endpoint& each) {
    return each.protocol() == family && (each.address().is_loopback() || each.address().is_unspecified());
  });
  return found == listening.end() ? std::uint16_t{0} : found->port();
}

scope_result<redirect_ports> ports_of(const endpoints& listening) {
  const auto v4 = port_of(listening, boost::asio::ip::tcp::v4());
  const auto v6 = port_of(listening, boost::asio::ip::tcp::v6());
  if (v4 == 0) return scope_failure{"redirected connections arrive at 127.0.0.1, where mitm.listen has no address"};
  // If nothing listens there, IPv6 connections are refused, and clients try IPv4.
  return redirect_ports{v4, v6 != 0 ? v6 : v4};
}

scope_result<watched_cgroup> cgroup_of_plan(const config::redirect_section& wanted) {
  if (wanted.cgroup.empty() == (wanted.pid == 0)) {
    return scope_failure{
        "redirect.scope = \"cgroup\" needs one of redirect.cgroup (--cgroup) and redirect.pid (--pid)"};
  }
  return wanted.pid != 0 ? watched_cgroup::around(static_cast<pid_t>(wanted.pid))
                         : watched_cgroup::named(wanted.cgroup);
}

}  // namespace

scope_result<std::unique_ptr<cgroup_redirect>> cgroup_redirect::install(const config::redirect_section& wanted,
                                                                        const endpoints& listening) {
  const auto ports = ports_of(listening);
  if (!ports) return ports.error();
  auto cgroup = cgroup_of_plan(wanted);
  if (!cgroup) return cgroup.error();
  std::unique_ptr<cgroup_redirect> made(new cgroup_redirect(std::move(*cgroup), *ports));
  if (auto begun = made->begin(wanted); !begun) return begun.error();
  return made;
}

scope_result<void> cgroup_redirect::begin(const config::redirect_section& wanted) {
  std::string refused;
  if (wanted.backend != redirect_backend::ebpf) {
    auto installed = nft_redirect::install(*cgroup_, ports_);
    if (installed) {
      rules_ = std::make_unique<nft_redirect>(std::move(*installed));
      return {};
    }
    refused = "nft: " + installed.error().message;
    if (wanted.backend == redirect_backend::nft) return scope_failure{refused};
    refused += "; ";
  }
  auto loaded = connect_redirect::load(ports_, wanted.pending);
  if (!loaded) return scope_failure{refused + "ebpf: " + loaded.error().message};
  if (auto attached = (*loaded)->attach(*cgroup_); !attached) {
    return scope_failure{refused + "ebpf: " + attached.error().message};
  }
  rewriting_ = std::move(*loaded);
  return {};
}

scope_result<void> try_backend(redirect_backend which) {
  if (which == redirect_backend::nft) return nft_redirect::try_out();
  const auto loaded = connect_redirect::load({1, 1}, config::redirect_section().pending);
  if (!loaded) return loaded.error();
  return {};
}

endpoints cgroup_redirect::arrivals() const {
  return {{asio::ip::address_v4::loopback(), ports_.v4}, {asio::ip::address_v6::loopback(), ports_.v6}};
}

void cgroup_redirect::remove() {
  rules_.reset();
  if (rewriting_) rewriting_->detach();
  cgroup_.reset();
}

cgroup_redirect::state cgroup_redirect::look() const {
  if (!cgroup_) return {true, "taken away"};
  const std::string by = rewriting_ ? " (ebpf)" : " (nft)";
  if (cgroup_->exists()) return {true, "TCP 443 of the cgroup " + cgroup_->path() + by};
  return {false, "the cgroup " + cgroup_->path() + " is gone: nothing can come any longer; restart with another"};
}

}  // namespace app::scope
