#pragma once

// Both ends of the conversation: a server that answers, and a client that makes calls of every kind and writes down
// what it gets, nothing that differs between two runs.

#include <filesystem>
#include <string>

namespace sim::talk {

struct server_options {
  std::string listen;  // ADDR:PORT
  std::filesystem::path cert, key;
};

/// Says `ready` and serves until the process is ended.
void serve(const server_options& chosen);

struct client_options {
  std::string address;  // ADDR:PORT
  std::string name;     // of the server's certificate
  std::filesystem::path ca;
};

/// Prints one line per thing that happened.
void call(const client_options& chosen);

std::string text_of(const std::filesystem::path& file);

}  // namespace sim::talk
