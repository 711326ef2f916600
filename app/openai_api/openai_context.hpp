#pragma once

// What the routes of OpenAI's API share: the language server's turns and models, and what is remembered between
// requests. Used from any strand.

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "app/config/config.hpp"
#include "app/openai/conversation_index.hpp"
#include "app/openai/response_store.hpp"
#include "app/turns/live_turn.hpp"
#include "app/turns/model_catalog.hpp"

namespace app {

/// What the API remembers between requests, behind one mutex that is held for a lookup.
class openai_memory {
 public:
  openai_memory(openai::response_store_limits responses, openai::conversation_index_limits conversations)
      : store_(responses), index_(conversations) {}

  /// Calls `use(store, index, now)` under the mutex.
  template <class F>
  auto with(F use) {
    std::lock_guard lock(mutex_);
    return use(store_, index_, std::chrono::steady_clock::now());
  }

 private:
  std::mutex mutex_;
  openai::response_store store_;
  openai::conversation_index index_;
};

/// Everything that it refers to outlives the draining of the API server.
struct openai_context {
  openai_context(cascade::dispatcher& dispatcher, turn_starter& starter, model_source& source, const config& values)
      : servers(dispatcher),
        turns(starter),
        models(source),
        settings(values.openai),
        permissions(values.language_server.permissions),
        limits(values.language_server.turn),
        memory(values.openai.responses, values.openai.conversations) {}

  cascade::dispatcher& servers;
  turn_starter& turns;
  model_source& models;
  config::openai_section settings;
  cascade::permission_policy permissions;
  cascade::turn_limits limits;
  openai_memory memory;
};

}  // namespace app
