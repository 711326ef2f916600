#pragma once

// Reads from the language server what it lists of its cascades, and gives it to attribution, which then also knows
// cascades that were not driven through this API. For a reconciliation; bounded in cascades and in time.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "app/accounting/attribution_service.hpp"
#include "cascade/rpc/client.hpp"
#include "net/executor.hpp"
#include "usage/ledger/ledger_writer.hpp"

namespace app {

namespace asio = boost::asio;

struct listing_request {
  std::string cascade_id{};  // empty: those used last
  std::size_t limit = 100;
  std::chrono::milliseconds patience{10'000};  // no further cascade is asked for after it
};

struct listing_outcome {
  std::size_t cascades = 0;  // read
  bool whole = true;         // none was left out
  std::string error;         // why there are none, or not all; empty: nothing went wrong
  bool unknown = false;      // the server has no cascade with the id that was asked for
};

/// All outlive the call.
struct listing_parts {
  attribution_service& attribution;
  usage::ledger_writer& writer;
  net::blocking_pool& blocking;
};

asio::awaitable<listing_outcome> list_server_calls(cascade::client& server, listing_parts parts,
                                                   listing_request wanted);

}  // namespace app
