mod differences;
mod merging;
mod patching;
mod places;
mod reading;
