#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace carillon::process
{

/// Throws what the last system call said; `what` names the thing that was tried.
[[noreturn]] inline void throwErrno(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

/// The text of an errno, thread-safe unlike strerror.
inline std::string errorText(int error) { return std::generic_category().message(error); }

} // namespace carillon::process
