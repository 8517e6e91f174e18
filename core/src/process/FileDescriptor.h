#pragma once

#include <unistd.h>
#include <utility>

namespace carillon::process
{

/// Owns a file descriptor; -1 is none.
class FileDescriptor
{
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int descriptor) noexcept : _descriptor(descriptor) {}
    FileDescriptor(FileDescriptor&& other) noexcept : _descriptor(other.release()) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept
    {
        if (this != &other) reset(other.release());
        return *this;
    }
    ~FileDescriptor() { reset(); }

    int get() const noexcept { return _descriptor; }
    explicit operator bool() const noexcept { return _descriptor >= 0; }
    int release() noexcept { return std::exchange(_descriptor, -1); }
    void reset(int descriptor = -1) noexcept
    {
        if (_descriptor >= 0) ::close(_descriptor);
        _descriptor = descriptor;
    }

private:
    int _descriptor = -1;
};

} // namespace carillon::process
