#pragma once

// A service with something in its ledger, for the routes that read it.

#include <cstdint>
#include <string>
#include <vector>

#include "test/app/service/service_fixture.hpp"
#include "usage/ledger/ledger.hpp"

namespace app {

/// A service whose ledger has three calls of two models.
class filled_ledger : public service_fixture {
 protected:
  static constexpr std::int64_t noon = 1'700'000'040'000;  // Unix ms, on a minute

  filled_ledger() {
    values_.ledger.retention_days = 100'000;  // the rows are old
    std::filesystem::create_directories(values_.state_dir);
    usage::ledger_options options;
    options.file = values_.ledger.file;
    options.retention_days = static_cast<std::int64_t>(values_.ledger.retention_days);
    auto store = usage::ledger::open(options);
    const std::vector<usage::usage_record> rows{call("small", 0, 10), call("small", 1000, 20),
                                                call("large", 60'000, 300)};
    EXPECT_TRUE(store->insert(rows).has_value());
  }

  static usage::usage_record call(const char* model, std::int64_t after, std::int64_t input) {
    usage::usage_record row;
    row.started_at = noon + after;
    row.host = "api.example.com";
    row.method = "POST";
    row.path = "/v1internal:generateContent";
    row.provider = usage::provider::google;
    row.kind = usage::call_kind::model;
    row.status = usage::record_status::complete;
    row.http_status = 200;
    row.requested_model = model;
    row.served_model = model;
    row.conversation = std::string("of ") + model;
    row.tokens.input_uncached = input;
    row.tokens.output_total = 1;
    return row;
  }

  /// Of a 400.
  static std::string param_of(const http_answer& refused) {
    EXPECT_EQ(refused.result_int(), 400u) << refused.body();
    return std::string(json_of(refused).at("error").at("param").as_string());
  }
};

}  // namespace app
