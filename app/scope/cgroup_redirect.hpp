#pragma once

// `zerogravity serve --scope cgroup`: the redirect that a service installs for itself, and that ends with it, even when
// it is killed. nftables where the kernel can match a cgroup with it, eBPF otherwise.

#include <memory>
#include <string>
#include <variant>

#include "app/config/config.hpp"
#include "app/scope/connect_redirect.hpp"
#include "app/scope/nft_redirect.hpp"

namespace app::scope {

class cgroup_redirect {
 public:
  /// `wanted.scope` is cgroup; to the interceptor that listens at `listening`.
  static scope_result<std::unique_ptr<cgroup_redirect>> install(const config::redirect_section& wanted,
                                                                const endpoints& listening);

  /// Leaves new connections alone and moves processes back; connections that have come go on.
  void remove();

  /// By eBPF; null: by nftables, which net::original_destination knows of.
  connect_redirect* rewriting() { return rewriting_.get(); }
  /// What clients then call their peers.
  endpoints arrivals() const;

  /// For a person: what is redirected where. The cgroup may be gone by now.
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

/// Whether a backend (other than automatic) can be used on this machine. Tries it, and undoes everything.
scope_result<void> try_backend(redirect_backend which);

}  // namespace app::scope
