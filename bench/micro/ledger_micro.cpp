#include <benchmark/benchmark.h>

#include <stdexcept>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "bench/common/scratch_directory.hpp"
#include "bench/micro/bodies.hpp"
#include "usage/ledger/ledger.hpp"

namespace bench {
namespace {

usage::usage_record row_of(std::size_t number) {
  usage::usage_record row;
  row.started_at = 1'790'000'000'000 + static_cast<std::int64_t>(number);
  row.first_byte_ms = 320;
  row.duration_ms = 4200;
  row.host = "api.openai.com";
  row.method = "POST";
  row.path = "/v1/chat/completions";
  row.provider = usage::provider::openai_chat;
  row.kind = usage::call_kind::model;
  row.status = usage::record_status::complete;
  row.http_status = 200;
  row.streamed = true;
  row.requested_model = "gpt-5";
  row.served_model = "gpt-5-2025-08-07";
  row.response_id = fmt::format("chatcmpl-{:029}", number);
  row.trace_id = fmt::format("req_{:032}", number);
  row.conversation = fmt::format("conversation-{}", number % 20);
  row.pid = 4711;
  row.uid = 1000;
  row.executable = "/usr/bin/node";
  row.cgroup = "/user.slice/user-1000.slice/session-2.scope";
  row.tokens.input_uncached = 1200;
  row.tokens.cache_read = 800;
  row.tokens.output_total = 350;
  row.tokens.thinking = 120;
  row.raw_usage = R"({"prompt_tokens":2000,"completion_tokens":350,"prompt_tokens_details":{"cached_tokens":800}})";
  row.request_bytes = 8000;
  row.response_bytes = 30000;
  return row;
}

/// A commit of several rows. Time and allocations are per row. CPU time does not include the disk.
void ledger_rows(benchmark::State& state) {
  const scratch_directory work;
  auto opened = usage::ledger::open({.file = work.path / "ledger.db"});
  if (!opened) throw std::runtime_error(opened.error().message);
  const auto count = static_cast<std::size_t>(state.range(0));
  std::vector<usage::usage_record> rows(count);
  std::size_t number = 0;
  std::size_t allocated = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (auto& row : rows) row = row_of(number++);
    const std::size_t before = allocations();
    state.ResumeTiming();
    const auto written = opened->insert(rows);
    allocated += allocations() - before;
    if (!written || written->inserted != count) throw std::logic_error("the rows were not written");
  }
  tell(state, 0, count, allocated);
}
BENCHMARK(ledger_rows)->Arg(1)->Arg(20)->Arg(1000);

}  // namespace
}  // namespace bench
