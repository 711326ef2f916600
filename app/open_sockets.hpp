#pragma once

// The connections of all API sessions, so that a shutdown can end their input: a request that was read is answered, an
// idle connection sees its end at once. The server ends, sessions enter and leave; from any thread. The mutex guards
// the list, and a session cannot close its socket while it is held.

#include <functional>
#include <list>
#include <mutex>

namespace app {

class open_sockets {
 public:
  class entry {
   public:
    /// `end` is called at most once, from any thread, with the mutex held.
    entry(open_sockets& all, std::function<void()> end);
    ~entry();
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;

   private:
    open_sockets& all_;
    std::list<std::function<void()>>::iterator place_;
  };

  /// Also for connections that are entered later.
  void end_input();
  bool ended() const;

 private:
  mutable std::mutex mutex_;
  std::list<std::function<void()>> ends_;
  bool ended_ = false;
};

}  // namespace app
