#pragma once

// The queries behind ledger_reader's answers about conversations. Each runs within one read transaction.

#include <optional>
#include <string>
#include <vector>

#include "usage/ledger/reports/conversation_record.hpp"
#include "usage/ledger/reports/known_transcript.hpp"
#include "usage/ledger/sqlite.hpp"

namespace usage {

/// nullopt if no row, no language server and no turn of the API knows it.
std::optional<conversation_record> read_conversation(sqlite_connection& connection, const std::string& id);

conversation_sides read_sides(sqlite_connection& connection, const std::string& id);

/// An empty name means the rows of language servers that belong to no conversation.
std::vector<std::string> read_compared(sqlite_connection& connection, const comparison_query& query);

/// As ledger_reader has them.
std::vector<known_transcript> read_transcripts(sqlite_connection& connection, std::int64_t limit);

std::vector<usage_record> read_unattributed(sqlite_connection& connection, std::int64_t since, std::int64_t limit);

}  // namespace usage
