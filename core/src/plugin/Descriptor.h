#pragma once

#include <unistd.h>

#include <utility>

namespace carillon::plugin
{

/// An open file descriptor, closed at the end.
class Descriptor
{
public:
    Descriptor() = default;
    explicit Descriptor(int number) : _number(number) {}
    Descriptor(Descriptor&& other) noexcept : _number(std::exchange(other._number, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept
    {
        std::swap(_number, other._number);
        return *this;
    }
    ~Descriptor() { close(); }

    int get() const noexcept { return _number; }
    explicit operator bool() const noexcept { return _number >= 0; }

    void close() noexcept
    {
        if (_number >= 0) ::close(_number);
        _number = -1;
    }

private:
    int _number = -1;
};

} // namespace carillon::plugin
