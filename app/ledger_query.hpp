#pragma once

// How a route asks the ledger: with a reader of its own on the blocking pool, after rows that are queued.

#include <stdexcept>
#include <type_traits>
#include <utility>

#include "app/usage_routes.hpp"
#include "usage/ledger/ledger_reader.hpp"

namespace app {

/// The result of `ask(reader)`. A ledger that cannot be read is an exception: the session logs the words and answers
/// 500.
template <class Ask>
auto read_ledger(usage_sources from, Ask ask)
    -> asio::awaitable<typename std::invoke_result_t<Ask, usage::ledger_reader&>::value_type> {
  auto work = [from, ask = std::move(ask)] {
    from.writer.flush(flush_patience);
    usage::ledger_options options = from.ledger;
    options.file = from.writer.file();
    auto reader = usage::ledger_reader::open(options);
    if (!reader) throw std::runtime_error(reader.error().message);
    auto answer = ask(*reader);
    if (!answer) throw std::runtime_error(answer.error().message);
    return std::move(*answer);
  };
  co_return co_await net::offload(from.blocking, std::move(work));
}

}  // namespace app
