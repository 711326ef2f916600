#pragma once

// `zerogravity serve --scope cgroup`: the redirect that a service installs for itself. It ends with the service, even
// if that is killed. It uses nftables if the kernel can match a cgroup with it, otherwise eBPF.

#include <memory>
#include <string>
#include <variant>

#include "app/config/config.hpp"
#include "app/scope/connect_redirect.hpp"
#include "app/scope/nft_redirect.hpp"

namespace app::scope {

class cgroup_redirect {
 public:
  /// Redirects to the interceptor that listens at `listening`. `wanted.scope` must be cgroup.
  static scope_result<std::unique_ptr<cgroup_redirect>> install(const config::redirect_section& wanted,
                                                                const endpoints& listening);

  /// Redirects no new connections and moves processes back. Redirected connections continue.
  void remove();

  /// The eBPF redirect; null: nftables is used, and net::original_destination knows the destinations.
  connect_redirect* rewriting() { return rewriting_.get(); }
  /// What clients then call their peers.
  endpoints arrivals() const;

  /// What is redirected and to where, for a person. The cgroup may no longer exist.
  struct state {
    bool ok = true;
    std::string text;
  };
  state look() const;

 private:
  cgroup_redirect(watched_cgroup cgroup, redirect_ports ports)
      : ports_(ports), cgroup_(std::make_unique<watched_cgroup>(std::move(cgroup))) {}
  scope_result<void> begin(const config::redirect_section& wanted);

  redirect_ports ports_;
  std::unique_ptr<watched_cgroup> cgroup_;
  std::unique_ptr<nft_redirect> rules_;
  std::unique_ptr<connect_redirect> rewriting_;
};

/// Whether this machine can use a backend other than automatic. Tries it, and undoes everything.
scope_result<void> try_backend(redirect_backend which);

}  // namespace app::scope
