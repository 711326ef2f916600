#pragma once

// What the language server tells, as rows of their own: its calls, the turns of the API, and who is whose sub-agent.
// Called in the transaction of the batch.

#include <string>
#include <vector>

#include "usage/ledger/sqlite.hpp"
#include "usage/server_call.hpp"

namespace usage {

/// A call without an id to tell it by is not written. Of two tellings the larger counts stay, and what only one of them
/// knows.
void write_server_call(sqlite_connection& connection, const server_call& call);

void write_turn(sqlite_connection& connection, const conversation_turn& turn);

void write_parent(sqlite_connection& connection, const conversation_parent& link);

/// Those of one conversation, oldest first.
std::vector<server_call> read_server_calls(sqlite_connection& connection, const std::string& conversation,
                                           std::int64_t limit);
std::vector<conversation_turn> read_turns(sqlite_connection& connection, const std::string& conversation,
                                          std::int64_t limit);
std::vector<std::string> read_children(sqlite_connection& connection, const std::string& parent, std::int64_t limit);
std::string read_parent(sqlite_connection& connection, const std::string& child);

/// Deletes what was told before `boundary` (Unix ms), at most `limit` of each kind. Returns how many.
std::int64_t forget_server_records(sqlite_connection& connection, std::int64_t boundary, std::int64_t limit);

/// Unix ms of the oldest; nothing if there is none.
std::optional<std::int64_t> oldest_server_record(sqlite_connection& connection);

}  // namespace usage
