#pragma once

// All cascades of the process, and what clients ask of them by id. RPC threads call it.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "test/sim/language_server/calls/provider.hpp"
#include "test/sim/language_server/live_cascade.hpp"

namespace sim::ls {

using cascade_ptr = std::shared_ptr<live_cascade>;

class cascades {
 public:
  /// `upstream` must outlive the executor's work.
  cascades(asio::any_io_executor pool, provider& upstream, switches asked)
      : pool_(std::move(pool)), upstream_(upstream), asked_(std::move(asked)) {}

  const switches& asked() const { return asked_; }

  /// A new cascade of that id, or the one that is there. An empty id is chosen here.
  cascade_ptr start(std::string id);
  /// Null if there is none.
  cascade_ptr find(const std::string& id) const;
  std::vector<cascade_ptr> all() const;

  /// True if the message has to wait.
  bool send(const cascade_ptr&, std::string text, const model& asked);
  /// Cancels its turn and ends its streams.
  bool erase(const std::string& id);

 private:
  asio::any_io_executor pool_;
  provider& upstream_;
  switches asked_;
  mutable std::mutex mutex_;
  std::map<std::string, cascade_ptr> by_id_;
};

}  // namespace sim::ls
