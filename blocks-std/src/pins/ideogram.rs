//! The pins of the blocks of the family `ideogram`.

use graphloom::Value;

graphloom::pins! {
    /// `ideogram.generate_image`: Draws an image from a description and returns its address.
    pub mod generate_image: GenerateImage = "ideogram.generate_image" {
        in {
            /// What the image shows.
            prompt: String,
            /// The model.
            ideogram_model_name: Option<String>,
            /// Width to height.
            aspect_ratio: Option<String>,
            /// Has the image made larger by a second, paid request.
            upscale: Option<String>,
            /// Lets the service improve the description.
            magic_prompt_option: Option<String>,
            /// The same seed gives the same image.
            seed: Option<i64>,
            /// The style.
            style_type: Option<String>,
            /// What the image does not show.
            negative_prompt: Option<String>,
            /// A palette of the service.
            color_palette_name: Option<String>,
            /// Colours of your own, as `#RRGGBB`.
            custom_color_palette: Option<Vec<String>>,
            /// The name of the credential to use; `ideogram` if none is named.
            credential: Value,
        }
        out {
            /// The address of the image. It is there for a while only.
            result: String,
        }
    }
}

pub use self::generate_image::GenerateImage;
