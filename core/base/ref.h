// SPDX-License-Identifier: MIT
// Ref<T>: a counted pointer to an immutable object that several threads hold (messages, frames).
// The count lives in the object, so handing a reference on costs one atomic increment.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <utility>

namespace wse {

// Derive from it; T is destroyed by whichever thread drops the last reference.
template <class T>
class RefCounted {
public:
    RefCounted() = default;
    RefCounted(const RefCounted &) = delete;
    RefCounted &operator=(const RefCounted &) = delete;

    void ref() const { count_.fetch_add(1, std::memory_order_relaxed); }
    void unref() const {
        if (count_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            delete static_cast<const T *>(this);
    }

protected:
    ~RefCounted() = default;

private:
    mutable std::atomic<uint32_t> count_{0};
};

template <class T>
class Ref {
public:
    Ref() = default;
    explicit Ref(T *object) : object_(object) {
        if (object_) object_->ref();
    }
    Ref(const Ref &other) : Ref(other.object_) {}
    Ref(Ref &&other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    // Ref<T> becomes Ref<const T>, and a reference to an interface T implements.
    template <class Other>
    requires std::convertible_to<Other *, T *> Ref(const Ref<Other> &other) : Ref(other.get()) {}
    Ref &operator=(Ref other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~Ref() {
        if (object_) object_->unref();
    }

    T *get() const { return object_; }
    T *operator->() const { return object_; }
    T &operator*() const { return *object_; }
    explicit operator bool() const { return object_ != nullptr; }

private:
    T *object_ = nullptr;
};

template <class T, class... Args>
Ref<T> make_ref(Args &&...args) {
    return Ref<T>(new T(std::forward<Args>(args)...));
}

}  // namespace wse
