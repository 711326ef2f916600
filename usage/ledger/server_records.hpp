#pragma once

// Stores what the language server reports as rows of their own: its calls, the turns of the API, and which conversation
// is a sub-agent of which. Called in the transaction of the batch.

#include <string>
#include <vector>

#include "usage/ledger/sqlite.hpp"
#include "usage/server_call.hpp"

namespace usage {

/// A call without an id is not written, because it could not be recognised. Two reports of one call are merged: the
/// larger count of each kind is kept, and whatever only one of them contains.
void write_server_call(sqlite_connection& connection, const server_call& call);

void write_turn(sqlite_connection& connection, const conversation_turn& turn);

void write_parent(sqlite_connection& connection, const conversation_parent& link);

/// The calls of one conversation, oldest first.
std::vector<server_call> read_server_calls(sqlite_connection& connection, const std::string& conversation,
                                           std::int64_t limit);
std::vector<conversation_turn> read_turns(sqlite_connection& connection, const std::string& conversation,
                                          std::int64_t limit);
std::vector<std::string> read_children(sqlite_connection& connection, const std::string& parent, std::int64_t limit);
std::string read_parent(sqlite_connection& connection, const std::string& child);

/// Deletes what was reported before `boundary` (Unix ms), at most `limit` rows of each kind. Returns their number.
std::int64_t forget_server_records(sqlite_connection& connection, std::int64_t boundary, std::int64_t limit);

/// Unix ms of the oldest row; nullopt if there is none.
std::optional<std::int64_t> oldest_server_record(sqlite_connection& connection);

}  // namespace usage
