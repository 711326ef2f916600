#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "bench/common/scratch_directory.hpp"
#include "mitm/ca/leaf_mint.hpp"
#include "mitm/ca/server_context.hpp"
#include "mitm/ca/server_identity.hpp"

namespace bench {
namespace {

/// The cost of the first connection to a host, in addition to its handshakes.
void leaf(benchmark::State& state) {
  const scratch_directory work;
  const std::vector<std::string> hosts{"watched.test"};
  const auto now = std::chrono::system_clock::now();
  auto authority = std::make_shared<const mitm::certificate_authority>(
      mitm::certificate_authority::open_or_create(mitm::ca_files::in(work.path), hosts, now).value());
  const auto mint = mitm::leaf_mint::make(authority).value();
  const auto context = mitm::make_server_context().value();
  const std::vector<std::string> names{"api.watched.test"};
  for (auto _ : state) {
    auto minted = mint.mint(names, now).value();
    benchmark::DoNotOptimize(mitm::server_identity::make(context, std::move(minted.certificate), mint.key()));
  }
}
BENCHMARK(leaf)->Name("ca/leaf/minted")->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace bench
