#pragma once

// What the routes of OpenAI's API share: the language server's turns and models, and what is remembered between
// requests. From any strand.

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

/// The two memories of the API, with one mutex that is held for a lookup.
class openai_memory {
 public:
  openai_memory(openai::response_store_limits responses, openai::conversation_index_limits conversations)
      : store_(responses), index_(conversations) {}

  /// Calls `use(store, index, now)` alone.
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

/// All that it refers to outlives the API server's drain.
struct openai_desk {
  openai_desk(cascade::dispatcher& to, turn_starter& starter, model_source& offered, const config& values)
      : servers(to),
        turns(starter),
        models(offered),
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
