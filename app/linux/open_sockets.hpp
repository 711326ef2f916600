#pragma once

// The connections of all API sessions: who may have one, which of them give way, and how a shutdown ends their input. A
// request that was read is answered; a connection without one sees its end at once. Where there are as many as there
// may be, the one that has waited longest for a request ends, so that idle ones never keep anybody out; no client may
// have more than its part; and the last eighth serves whoever owns the service, and otherwise only what anybody may
// ask. The server makes room and ends, sessions enter, wait, serve and leave; from any thread. The mutex guards the
// lists, and a session cannot close its socket while it is held.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>

namespace app {

class open_sockets {
 public:
  struct limits {
    std::size_t connections = SIZE_MAX;    // limits.api_connections
    std::size_t of_one_client = SIZE_MAX;  // limits.api_peer_connections

    std::size_t unreserved() const { return connections - connections / 8; }
  };

  class entry;

  explicit open_sockets(limits bounds) : limits_(bounds) {}
  open_sockets() = default;

  /// A connection has been accepted and will enter.
  void expect();

  /// A connection waits to be accepted and all places are taken: the one that has waited longest for a request ends, or
  /// the next that comes to wait.
  void make_room();

  /// Also for connections that are entered later.
  void end_input();
  bool ended() const;

 private:
  struct connection {
    std::string client;
    std::function<void()> end;
    bool owner = false;
    bool reserved = false;  // has one of the last places
    bool ended = false;
  };
  using connections = std::list<connection>;

  bool end_oldest(const std::string* client);
  void end_one(connections::iterator which);
  std::size_t alive() const { return waiting_.size() + serving_.size(); }

  const limits limits_{};
  mutable std::mutex mutex_;
  connections waiting_;  // for a request, the longest first
  connections serving_;
  connections ending_;
  std::map<std::string, std::size_t> clients_;  // how many each has
  std::size_t expected_ = 0;                    // accepted, and not entered yet
  bool wanted_ = false;                         // make_room() found no place: the next that comes to wait gives it up
  bool owed_ = false;                           // … nor one that waits, but somebody was to enter
  bool ended_ = false;
};

/// The place of one connection, which waits for a request at first.
class open_sockets::entry {
 public:
  /// `client` names who has connected, `owner`: it is the service's user. `end` ends its input; it is called at most
  /// once, from any thread, with the mutex held.
  entry(open_sockets& all, std::string client, bool owner, std::function<void()> end);
  ~entry();
  entry(const entry&) = delete;
  entry& operator=(const entry&) = delete;

  /// The client has more than its part and none of its connections can give way.
  bool refused() const { return refused_; }

  /// Another `end` from now on.
  void end_by(std::function<void()> end);

  void wait();
  void serve();

  /// The input was ended, by us.
  bool ended() const;

  /// All other places are taken: only for what anybody may ask, and for who has the key.
  bool reserved() const;

 private:
  open_sockets& all_;
  connections::iterator place_;
  bool refused_ = false;
  enum class list : std::uint8_t { waiting, serving } in_ = list::waiting;  // unless it has ended
};

}  // namespace app
