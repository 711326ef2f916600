#pragma once

// The connections of all API sessions: who gets a place, which ones make room, and how a shutdown ends their input. A
// request that was read is still answered; a connection without one ends at once. When all places are taken, the
// connection that has waited longest for a request ends, so idle ones never keep others out. No client gets more than
// its share. The last eighth of the places is for the service's user, and otherwise only for open routes. The server
// makes room and ends them; sessions enter, wait, serve and leave; from any thread. The mutex guards the lists, and a
// session cannot close its socket while it is held.

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

  /// A connection was accepted and is going to enter.
  void expect();

  /// Call it when a connection waits to be accepted and all places are taken. Ends the one that has waited longest for
  /// a request, or else the next that starts to wait.
  void make_room();

  /// Applies to later connections, too.
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
  connections waiting_;  // for a request; longest first
  connections serving_;
  connections ending_;
  std::map<std::string, std::size_t> clients_;  // how many each has
  std::size_t expected_ = 0;                    // accepted, but not yet entered
  bool wanted_ = false;  // make_room() found none: the next connection that starts to wait gives up its place
  bool owed_ = false;    // … but a connection was about to enter
  bool ended_ = false;
};

/// The place of one connection, which first waits for a request.
class open_sockets::entry {
 public:
  /// `client` identifies the client; `owner` means the service's user. `end` ends the connection's input; it is called
  /// at most once, from any thread, with the mutex held.
  entry(open_sockets& all, std::string client, bool owner, std::function<void()> end);
  ~entry();
  entry(const entry&) = delete;
  entry& operator=(const entry&) = delete;

  /// The client has more than its share, and none of its connections can make room.
  bool refused() const { return refused_; }

  /// Replaces `end`.
  void end_by(std::function<void()> end);

  void wait();
  void serve();

  /// We have ended the input.
  bool ended() const;

  /// It has one of the last places: only for open routes and for clients with the key.
  bool reserved() const;

 private:
  open_sockets& all_;
  connections::iterator place_;
  bool refused_ = false;
  enum class list : std::uint8_t { waiting, serving } in_ = list::waiting;  // which list it is in, unless it has ended
};

}  // namespace app
