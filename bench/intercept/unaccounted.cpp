#include "bench/intercept/unaccounted.hpp"

#include <unistd.h>

#include <algorithm>
#include <thread>

#include "bench/intercept/stage.hpp"
#include "mitm/interceptor.hpp"
#include "mitm/upstream/alpn_hooks.hpp"
#include "mitm/upstream/upstream.hpp"

namespace bench {
namespace {

class indifferent final : public mitm::connection_events {
 public:
  std::unique_ptr<mitm::connection_observer> on_intercepted(const mitm::connection_facts&) override {
    return std::make_unique<observer>();
  }
  void on_detached(const mitm::connection_facts&, std::string_view) override {}
  void on_unread(const mitm::connection_facts&, mitm::unread) override {}
  void on_rejected(const rejection&) override {}
  void on_session_end(const mitm::session_report&) override {}

 private:
  struct observer final : mitm::connection_observer {
    std::unique_ptr<mitm::exchange_tap> on_request(const net::wire::request_head&) override { return nullptr; }
    // One for all: what ours does with upstreams is not what is compared here.
    void when_program_known(std::function<void(const mitm::client_program&)> done) override { done({0, "bench"}); }
  };
};

}  // namespace

void run_unaccounted(std::uint16_t port, const std::filesystem::path& ca_directory, unsigned threads) {
  const auto files = mitm::ca_files::in(ca_directory);
  auto authority = std::make_shared<const mitm::certificate_authority>(
      mitm::certificate_authority::load(files, std::chrono::system_clock::now()).value());
  const mitm::limits bounds;
  net::worker_pool workers(threads != 0 ? threads : std::max(1u, std::thread::hardware_concurrency()));
  mitm::bypass_list bypassed(bounds);
  mitm::certificate_cache leaves(workers.strand(), mitm::leaf_mint::make(authority).value(),
                                 {.configure = mitm::install_alpn});
  indifferent events;
  const std::vector<std::string> hosts{api_host, "*." + other_hosts};
  auto policy = std::make_shared<const mitm::intercept_policy>(*mitm::intercept_policy::make(hosts));
  mitm::interceptor interceptor(
      workers, {bounds, bypassed, leaves, mitm::make_upstream_context({files.certificate, ""}).value(), events},
      policy);
  interceptor.listen({boost::asio::ip::address_v4::loopback(), port});
  for (;;) ::pause();
}

}  // namespace bench
