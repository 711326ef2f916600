#pragma once

// The sockets of all API sessions, so that a shutdown can end their input: a request that was read is answered, an idle
// connection sees its end at once. The server ends, sessions enter and leave; from any thread. The mutex guards the
// set, and a session cannot close its descriptor while it is held.

#include <mutex>
#include <set>

namespace app {

class open_sockets {
 public:
  class entry {
   public:
    entry(open_sockets& all, int descriptor);
    ~entry();
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;

   private:
    open_sockets& all_;
    int descriptor_;
  };

  /// Also for sockets that are entered later.
  void end_input();
  bool ended() const;

 private:
  mutable std::mutex mutex_;
  std::set<int> descriptors_;
  bool ended_ = false;
};

}  // namespace app
