#include "bench/reports/grown_ledger.hpp"

#include <ctime>
#include <stdexcept>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "usage/ledger/corrections.hpp"
#include "usage/ledger/ledger.hpp"

namespace bench {
namespace {

constexpr std::size_t rows_of_a_commit = 10'000;

usage::usage_record row_of(std::size_t number, std::int64_t now, const grown_ledger& wanted) {
  usage::usage_record row;
  row.started_at = now - static_cast<std::int64_t>(number) * wanted.seconds_apart * 1000;
  row.host = "api.openai.com";
  row.method = "POST";
  row.path = "/v1/chat/completions";
  row.provider = usage::provider::openai_chat;
  row.kind = usage::call_kind::model;
  row.status = usage::record_status::complete;
  row.http_status = 200;
  row.requested_model = fmt::format("model-{}", number % 20);
  row.response_id = fmt::format("grown-{}", number);
  const std::size_t first = number / (wanted.conversations * wanted.turns) * wanted.conversations;
  row.conversation = fmt::format("conversation-{}", first + number % wanted.conversations);
  row.executable = fmt::format("/usr/bin/agent-{}", number % 5);
  row.raw_usage = fmt::format(
      R"({{"prompt_tokens":{},"completion_tokens":{},"total_tokens":{},)"
      R"("prompt_tokens_details":{{"cached_tokens":3,"audio_tokens":0}},)"
      R"("completion_tokens_details":{{"reasoning_tokens":5,"audio_tokens":0,"accepted_prediction_tokens":0,)"
      R"("rejected_prediction_tokens":0}}}})",
      number + 11, number % 1000 + 7, number + number % 1000 + 18);
  return usage::booked_anew(row).value_or(row);
}

}  // namespace

void grow(const std::filesystem::path& file, const grown_ledger& wanted) {
  auto store = usage::ledger::open({.file = file});
  if (!store) throw std::runtime_error(store.error().message);
  const std::int64_t now = std::time(nullptr) * std::int64_t{1000};
  std::vector<usage::usage_record> batch;
  for (std::size_t i = 0; i < wanted.rows; ++i) {
    batch.push_back(row_of(i, now, wanted));
    if (batch.size() < rows_of_a_commit && i + 1 < wanted.rows) continue;
    if (const auto written = store->insert(batch); !written) throw std::runtime_error(written.error().message);
    batch.clear();
  }
}

}  // namespace bench
