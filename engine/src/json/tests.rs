mod differences;
mod patching;
mod places;
mod reading;
