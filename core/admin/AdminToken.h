#pragma once

#include <filesystem>
#include <string>

namespace carillon::admin
{

/// The token in `file`; made of 256 random bits when there is none yet, mode 0600, so that nobody ever reads half of it. Processes that
/// come at once get the same. Throws ConfigurationError for a file that others could have written or can read, and for a folder that cannot
/// be written.
std::string tokenFrom(const std::filesystem::path& file);

/// Replaces `file` with one line of text at once, mode `mode`. Throws ConfigurationError.
void writeLine(const std::filesystem::path& file, const std::string& line, unsigned mode);

} // namespace carillon::admin
