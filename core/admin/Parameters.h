#pragma once

#include "admin/Http.h"
#include "carillon/Clock.h"

#include <optional>
#include <string>

/// Reading query parameters: nothing when not given, Problem 400 with the parameter's name when it cannot be read or is out of bounds.
namespace carillon::admin
{

std::optional<std::string> textParameter(const Request& request, const std::string& name, std::size_t longest);
std::optional<long> numberParameter(const Request& request, const std::string& name, long least, long most);
std::optional<TimePoint> timeParameter(const Request& request, const std::string& name);
bool flagParameter(const Request& request, const std::string& name);

/// For a value within a link.
std::string percentEncoded(const std::string& text);

} // namespace carillon::admin
