#include "app/metrics/metrics.hpp"

#include <algorithm>
#include <utility>

namespace app {

struct metrics::model_series {
  model_series(usage::provider provider_of_model, std::string name)
      : provider(provider_of_model), model(std::move(name)) {}

  const usage::provider provider;
  const std::string model;
  histogram input{token_shape};
  histogram output{token_shape};
  histogram duration{duration_shape};
  histogram first_token{first_token_shape};
};

namespace {

using kind = exposition::type_of;

/// OpenTelemetry's well-known values of gen_ai.provider.name.
std::string_view semantic_name(usage::provider provider) {
  switch (provider) {
    case usage::provider::google:
      return "gcp.gen_ai";
    case usage::provider::openai_chat:
    case usage::provider::openai_responses:
    case usage::provider::openai:
      return "openai";
    case usage::provider::anthropic:
      return "anthropic";
    case usage::provider::bedrock:
      return "aws.bedrock";
    case usage::provider::unknown:
      break;
  }
  return "unknown";
}

/// OpenAI's APIs are one provider there: two series of the same labels must not come out.
usage::provider series_provider(usage::provider provider) {
  const bool openai = provider == usage::provider::openai_responses || provider == usage::provider::openai;
  return openai ? usage::provider::openai_chat : provider;
}

std::string_view operation_of(usage::provider provider) {
  return provider == usage::provider::google ? "generate_content" : "chat";
}

/// Model names come from the wire: no long ones, and nothing that could make the page invalid UTF-8.
bool is_label(std::string_view model) {
  const bool ascii = std::ranges::all_of(model, [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
  return ascii && !model.empty() && model != "other" && model.size() <= metrics::max_model_name;
}

void record_if(histogram& into, const std::optional<std::int64_t>& value) {
  if (value && *value >= 0) into.record(static_cast<std::uint64_t>(*value));
}

std::uint64_t value_of(const std::atomic<std::uint64_t>& counter) {
  return counter.load(std::memory_order_relaxed);
}

void single(exposition& out, std::string_view name, kind type, std::string_view help, std::uint64_t value) {
  out.family(name, type, help);
  out.sample({}, value);
}

}  // namespace

metrics::metrics() {
  for (std::size_t i = 0; i < providers; ++i) {
    others_[i] = std::make_unique<model_series>(static_cast<usage::provider>(i), "other");
  }
}

metrics::~metrics() = default;

void metrics::session_ended(const mitm::session_report& report) noexcept {
  count(connections_[static_cast<std::size_t>(report.handling)]);
  if (report.reused_upstream) count(upstreams_reused_);
  bytes_up_.fetch_add(report.bytes_up, std::memory_order_relaxed);
  bytes_down_.fetch_add(report.bytes_down, std::memory_order_relaxed);
  if (!report.failure) return;
  count(failures_[static_cast<std::size_t>(report.failure->side)][static_cast<std::size_t>(report.failure->phase)]);
}

void metrics::exchange_seen(std::int64_t at) noexcept {
  count(seen_);
  auto last = last_exchange_at_.load(std::memory_order_relaxed);
  while (last < at && !last_exchange_at_.compare_exchange_weak(last, at, std::memory_order_relaxed)) {
  }
}

void metrics::exchange_ended(const usage::usage_record& record, bool parsed, bool new_usage) {
  if (parsed) count(parsed_);
  if (!record.conversation.empty()) count(attributed_);
  count(exchanges_[static_cast<std::size_t>(record.provider)][static_cast<std::size_t>(record.status)]);
  if (record.kind != usage::call_kind::model || !new_usage) return;
  const auto& model = record.served_model.empty() ? record.requested_model : record.served_model;
  auto& series = series_of(series_provider(record.provider), model);
  record_if(series.input, record.tokens.input_total());
  record_if(series.output, record.tokens.output_total);
  record_if(series.duration, record.duration_ms);
  if (record.streamed) record_if(series.first_token, record.first_byte_ms);
}

metrics::model_series* metrics::find_series(usage::provider provider, std::string_view model) const noexcept {
  const auto used = models_.load(std::memory_order_acquire);
  const auto end = series_.begin() + static_cast<std::ptrdiff_t>(used);
  const auto found = std::find_if(series_.begin(), end,
                                  [&](const auto& one) { return one->provider == provider && one->model == model; });
  return found == end ? nullptr : found->get();
}

metrics::model_series& metrics::series_of(usage::provider provider, std::string_view model) {
  auto& other = *others_[static_cast<std::size_t>(provider)];
  if (!is_label(model)) return other;
  if (auto* known = find_series(provider, model)) return *known;
  std::lock_guard lock(appending_);
  if (auto* known = find_series(provider, model)) return *known;  // somebody was faster
  const auto used = models_.load(std::memory_order_relaxed);
  if (used == max_models) return other;
  series_[used] = std::make_unique<model_series>(provider, std::string(model));
  models_.store(used + 1, std::memory_order_release);
  return *series_[used];
}

interception_counts metrics::interception() const noexcept {
  interception_counts counts{0, value_of(seen_), value_of(parsed_), value_of(attributed_), last_exchange_at_.load()};
  for (const auto& handled : connections_) counts.connections += value_of(handled);
  return counts;
}

std::string metrics::render(const metric_readings& readings) const {
  exposition out;
  out.family("zerogravity_build_info", kind::gauge, "Always 1; the version is a label.");
  out.sample({{"version", ZEROGRAVITY_VERSION}}, std::uint64_t{1});
  render_sessions(out, readings);
  render_exchanges(out);
  render_readings(out, readings);
  if (readings.language_server) render_language_server(out, *readings.language_server);
  render_models(out);
  return std::move(out).take();
}

void metrics::render_sessions(exposition& out, const metric_readings& readings) const {
  out.family("zerogravity_connections_total", kind::counter, "Ended connections by what was done with them.");
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    out.sample({{"decision", mitm::to_string(static_cast<mitm::handling>(i))}}, value_of(connections_[i]));
  }
  single(out, "zerogravity_connections_open", kind::gauge, "Connections open now.", readings.connections_open);
  out.family("zerogravity_session_failures_total", kind::counter, "Sessions that ended with a failure.");
  for (std::size_t side = 0; side < failures_.size(); ++side) {
    for (std::size_t phase = 0; phase < failures_[side].size(); ++phase) {
      out.sample({{"side", net::to_string(static_cast<net::failure::side_of>(side))},
                  {"phase", net::to_string(static_cast<net::failure::phase_of>(phase))}},
                 value_of(failures_[side][phase]));
    }
  }
  single(out, "zerogravity_upstreams_reused_total", kind::counter,
         "Ended connections served by what an earlier client had left of its own.", value_of(upstreams_reused_));
  out.family("zerogravity_bytes_total", kind::counter,
             "Bytes relayed by ended connections: up from clients, down to them.");
  out.sample({{"direction", "up"}}, value_of(bytes_up_));
  out.sample({{"direction", "down"}}, value_of(bytes_down_));
  single(out, "zerogravity_tap_detached_total", kind::counter, "Connections whose bytes went on unseen.",
         value_of(taps_detached_));
  out.family("zerogravity_not_read_total", kind::counter,
             "Connections and exchanges of providers that passed without being read, by reason.");
  for (std::size_t i = 0; i < mitm::unread_reasons; ++i) {
    const auto why = static_cast<mitm::unread>(i);
    out.sample({{"reason", mitm::to_string(why)}}, unread_.count(why));
  }
  out.family("zerogravity_rewrites_total", kind::counter, "Rules that matched a request, by what became of it.");
  for (std::size_t i = 0; i < rewrites_.size(); ++i) {
    out.sample({{"outcome", rewrite::to_string(static_cast<rewrite::audit_entry::outcome>(i))}},
               value_of(rewrites_[i]));
  }
}

void metrics::render_exchanges(exposition& out) const {
  out.family("zerogravity_exchanges_total", kind::counter, "Ended provider exchanges.");
  for (std::size_t provider = 0; provider < providers; ++provider) {
    for (std::size_t status = 0; status < statuses; ++status) {
      out.sample({{"provider", usage::to_string(static_cast<usage::provider>(provider))},
                  {"status", usage::to_string(static_cast<usage::record_status>(status))}},
                 value_of(exchanges_[provider][status]));
    }
  }
  single(out, "zerogravity_exchanges_seen_total", kind::counter, "Request heads seen.", value_of(seen_));
  single(out, "zerogravity_exchanges_parsed_total", kind::counter, "Exchanges understood to their end.",
         value_of(parsed_));
  single(out, "zerogravity_exchanges_attributed_total", kind::counter, "Exchanges that named their conversation.",
         value_of(attributed_));
}

void metrics::render_readings(exposition& out, const metric_readings& readings) const {
  single(out, "zerogravity_leaves_minted_total", kind::counter, "Leaf certificates minted.", readings.leaves_minted);
  single(out, "zerogravity_bypassed_hosts", kind::gauge, "Programs left alone at a host because they refuse the CA.",
         readings.bypassed_hosts);
  single(out, "zerogravity_ledger_queued", kind::gauge, "Rows waiting for the ledger's writer.",
         readings.ledger_queued);
  single(out, "zerogravity_ledger_committed_total", kind::counter, "Rows written.", readings.ledger_committed);
  single(out, "zerogravity_ledger_dropped_total", kind::counter, "Rows lost because the queue was full.",
         readings.ledger_dropped);
  single(out, "zerogravity_log_lines_lost_total", kind::counter, "Log lines lost because stderr was not read.",
         readings.log_lines_lost);
  single(out, "zerogravity_rows_placed_late_total", kind::counter, "Rows whose conversation was found after their end.",
         readings.rows_placed_late);
  single(out, "zerogravity_rows_disputed", kind::gauge, "Remembered rows whose evidence disagrees.",
         readings.rows_disputed);
  out.family("zerogravity_evidence_forgotten_total", kind::counter,
             "Rows without a conversation, and ids, that were given up.");
  out.sample({{"what", "rows"}}, readings.rows_forgotten);
  out.sample({{"what", "ids"}}, readings.ids_forgotten);
  single(out, "zerogravity_ledger_notes_dropped_total", kind::counter,
         "Moves of rows and listed calls lost because the queue was full.", readings.notes_dropped);
  single(out, "zerogravity_process_lookups_dropped_total", kind::counter,
         "Connections whose process was not looked for because the queue was full.", readings.lookups_overflowed);
}

void metrics::render_language_server(exposition& out, const metric_readings::language_server_reading& now) {
  single(out, "zerogravity_language_server_ready", kind::gauge, "1 while the language server answers.", now.ready);
  single(out, "zerogravity_language_server_starts_total", kind::counter, "Attempts to start or find it.", now.starts);
  single(out, "zerogravity_language_server_restarts_total", kind::counter, "Attempts after one that had been ready.",
         now.restarts);
  out.family("zerogravity_language_server_stream", kind::gauge, "1 for the way in which its cascades are followed.");
  if (!now.stream_kind.empty()) out.sample({{"kind", now.stream_kind}}, std::uint64_t{1});
  single(out, "zerogravity_turns_running", kind::gauge, "Turns that have a place on it.", now.turns);
  single(out, "zerogravity_turns_waiting", kind::gauge, "Turns that wait for one.", now.waiting);
}

void metrics::render_models(exposition& out) const {
  std::vector<const model_series*> used;
  const auto models = models_.load(std::memory_order_acquire);
  used.reserve(models + providers);
  for (std::size_t i = 0; i < models; ++i) used.push_back(series_[i].get());
  for (const auto& other : others_) used.push_back(other.get());
  const auto each = [&](const histogram model_series::* member, metric_label more) {
    for (const auto* one : used) {
      const auto& values = one->*member;
      if (values.empty()) continue;
      const metric_label operation{"gen_ai_operation_name", operation_of(one->provider)};
      const metric_label provider{"gen_ai_provider_name", semantic_name(one->provider)};
      const metric_label model{"gen_ai_response_model", one->model};
      if (more.first.empty()) {
        values.render(out, {operation, provider, model});
      } else {
        values.render(out, {operation, provider, model, more});
      }
    }
  };
  out.family("gen_ai_client_token_usage", kind::histogram, "Tokens per model call, by kind. Unit: tokens.");
  each(&model_series::input, {"gen_ai_token_type", "input"});
  each(&model_series::output, {"gen_ai_token_type", "output"});
  out.family("gen_ai_client_operation_duration_seconds", kind::histogram, "Request head to end of the answer.");
  each(&model_series::duration, {});
  out.family("gen_ai_server_time_to_first_token_seconds", kind::histogram,
             "Request head to head of a streamed answer.");
  each(&model_series::first_token, {});
}

}  // namespace app
